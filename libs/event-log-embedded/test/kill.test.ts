import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readAll, recordsOf } from '@twofold/event-log/testing';
import { openEmbeddedLog } from '@twofold/event-log-embedded';
import { nodeFs } from '@twofold/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logClock, newFolder, openTestLog, removeFolder } from './make-log.ts';

let directory = '';
beforeEach(async () => {
  directory = await newFolder();
});
afterEach(() => removeFolder(directory));

interface Appending {
  readonly child: ChildProcess;
  readonly acknowledged: number[];
  /** Resolves when it has acknowledged so many appends. */
  reach(count: number): Promise<void>;
  /** Kills it and waits until all that it printed has been read. */
  kill(): Promise<void>;
}

async function startAppending(from: number): Promise<Appending> {
  const script = fileURLToPath(new URL('appending-process.ts', import.meta.url));
  const args = ['--conditions=@twofold/source', script, directory, String(from)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const ended = Promise.all([
    new Promise((resolve) => child.once('exit', resolve)),
    new Promise((resolve) => lines.once('close', resolve)),
  ]);
  const acknowledged: number[] = [];
  const opened = Promise.withResolvers<undefined>();
  let waiting: { count: number; resolve(): void } | null = null;
  lines.on('line', (line) => {
    if (line === 'open') opened.resolve(undefined);
    else acknowledged.push(Number(line));
    if (waiting !== null && acknowledged.length >= waiting.count) waiting.resolve();
  });
  void ended.then(() => opened.reject(new TypeError('the process ended before it had opened the log')));
  await opened.promise;
  return {
    child,
    acknowledged,
    reach: (count) =>
      new Promise((resolve) => {
        if (acknowledged.length >= count) resolve();
        else waiting = { count, resolve };
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('a process that is killed while it appends', () => {
  it('leaves every acknowledged record, once and in order, and a reader beside it saw nothing else', async () => {
    let sent = 0;
    const seen: (string | null)[] = [];
    for (const count of [1, 40, 150, 7]) {
      const appending = await startAppending(sent);
      const follower = await openEmbeddedLog({ directory, fs: nodeFs, clock: logClock(), mode: 'read', pollMs: 1 });
      const cursor = follower.open('a', 0);
      const follow = async (): Promise<void> => {
        while (appending.child.exitCode === null && appending.child.signalCode === null) {
          const batch = await cursor.read(seen.length, { waitMs: 20 });
          seen.push(...recordsOf(batch).map(({ value }) => value));
        }
      };
      const following = follow();
      await appending.reach(count);
      await appending.kill();
      await following;
      await follower.close();
      expect(appending.acknowledged).toEqual(appending.acknowledged.map((_, i) => sent + i));
      const acknowledged = sent + appending.acknowledged.length;

      const log = await openTestLog(directory, { segmentBytes: 20_000 });
      const found = await readAll(log, 'a', 0, 0);
      await log.close();
      // Appends that were not acknowledged may be there, whole or in part, behind all that were.
      sent = Math.ceil(found.length / 3);
      expect(sent).toBeGreaterThanOrEqual(acknowledged);
      const expected = found.map((_, i) => `${Math.floor(i / 3)}.${i % 3}:${'x'.repeat(Math.floor(i / 3) % 90)}`);
      expect(found.map(({ value }) => value)).toEqual(expected);
      expect(found.length % 3).toBe(0);
      expect(seen).toEqual(expected.slice(0, seen.length));
    }
    expect(seen.length).toBeGreaterThan(0);
  }, 60_000);

  it('held the log alone until then, stopped or not', async () => {
    const appending = await startAppending(0);
    try {
      const refused = {
        code: 'LOG_LOCKED',
        retryable: true,
        message:
          `the event log in "${directory}" is open for writing by process ${appending.child.pid ?? 0}; ` +
          'stop that one first, or choose another folder. Reading beside it is possible',
        facts: { directory, holder: `process ${appending.child.pid ?? 0}` },
      };
      await expect(openTestLog(directory)).rejects.toMatchObject(refused);
      appending.child.kill('SIGSTOP');
      await expect(openTestLog(directory)).rejects.toMatchObject(refused);
    } finally {
      await appending.kill();
    }
    const log = await openTestLog(directory);
    await expect(openTestLog(directory)).rejects.toMatchObject({ code: 'LOG_LOCKED' });
    await log.close();
    await (await openTestLog(directory)).close();
  }, 30_000);
});
