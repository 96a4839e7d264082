import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, statSync, truncateSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FoldJob, SourceFile } from '@twofold/batch-engine';
import { engineView, foldAll, partialTexts, referenceFold, sampleFiles, states } from '@twofold/batch-engine/testing';
import { expect, it } from 'vitest';
import type { TestHost } from './test-engine.ts';

const view = engineView({ dimensions: ['machine'] });

function jobOf(files: readonly SourceFile[]): FoldJob {
  return { view, widthMs: 1_000, files, panes: null, sliceSize: null };
}

/** Runs for hours unless something ends it. */
const endless = 'SELECT sum(id % 7) AS c0 FROM range(1000000000000)';

/** What can happen to the driver and to what it reads; the host is always usable afterwards. */
export function driverCases(started: () => TestHost): void {
  const expectWorks = async (): Promise<void> => {
    const made = started().makeEngine();
    const events = sampleFiles(view, 41);
    const files = await made.makeSource(states, events);
    const expected = referenceFold(view, events, { widthMs: 1_000 });
    expect(partialTexts(await foldAll(made.engine, jobOf(files)))).toEqual(expected);
    await made.dispose();
  };

  const runEndless = (signal?: AbortSignal): { readonly ended: Promise<void>; readonly into: string } => {
    const { host } = started();
    const { driver, folder } = host.running();
    const job = host.nextJob();
    const into = path.join(folder, `job-${job}`);
    return { into, ended: driver.run({ job, sql: endless, sources: [], into, what: 'the test', files: [] }, signal) };
  };

  it('stops a cancelled job, and goes on with the next in the same process', async () => {
    await expectWorks();
    const before = started().host.driverPid;
    const controller = new AbortController();
    const { ended } = runEndless(controller.signal);
    setTimeout(() => {
      controller.abort(new RangeError('enough'));
    }, 1_000);
    await expect(ended).rejects.toThrow(new RangeError('enough'));
    await expectWorks();
    expect(started().host.driverPid).toBe(before);
  });

  it('leaves no file of a job behind, whatever became of it', async () => {
    const { folder } = started().host.running();
    await expect
      .poll(() => readdirSync(folder).filter((name) => name.startsWith('job-')), { timeout: 20_000 })
      .toEqual([]);
  });

  it.each([
    ['cut short', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['no Parquet', (file: string) => overwrite(file, 0, statSync(file).size)],
    ['torn in its pages', (file: string) => overwrite(file, 4, statSync(file).size - 2_000)],
  ])('is ENGINE_FAILED with the name of a file that is damaged: %s', async (_, damage) => {
    const made = started().makeEngine();
    const files = await made.makeSource(states, sampleFiles(view, 42));
    const file = files[1]?.path ?? '';
    damage(file);
    await expect(foldAll(made.engine, jobOf(files))).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining(file) as unknown,
    });
    await made.dispose();
    await expectWorks();
  });

  it('is ENGINE_OVERFLOW where a BIGINT leaves its range: never wrapped', async () => {
    const { host } = started();
    const { driver, folder } = host.running();
    const job = host.nextJob();
    const sql = 'SELECT max(id) + 9223372036854775807 AS c0 FROM range(3)';
    const into = path.join(folder, `job-${job}`);
    const ended = driver.run({ job, sql, sources: [], into, what: 'the test', files: [] });
    await expect(ended).rejects.toMatchObject({ code: 'ENGINE_OVERFLOW', retryable: false });
  });

  it.each([
    ['the driver', (driver: number) => driver],
    // A machine that slept, or that has no memory left, may take it alone.
    ['its Java process', javaOf],
  ])('is ENGINE_CRASHED for every job when %s is killed, and the next job has a new one', async (_, victimOf) => {
    await expectWorks();
    const before = started().host.driverPid ?? 0;
    const { folder } = started().host.running();
    const outcomes = Promise.allSettled([runEndless().ended, runEndless().ended]);
    await delay(2_000);
    process.kill(victimOf(before), 'SIGKILL');
    for (const outcome of await outcomes) {
      expect(outcome.status).toBe('rejected');
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'ENGINE_CRASHED', retryable: true });
    }
    expect(existsSync(folder)).toBe(false);
    await expect.poll(() => isGroupAlive(before), { timeout: 30_000 }).toBe(false);
    await expectWorks();
    expect(started().host.driverPid).not.toBe(before);
  });
}

/** The Java process that a driver has started. */
function javaOf(driver: number): number {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const [pid] = rows.find(([, parent, name]) => parent === String(driver) && name === 'java') ?? [];
  return pid === undefined ? expect.fail('the driver has no Java process') : Number(pid);
}

/** Is any process of the group there, the Java process included? */
export function isGroupAlive(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

function overwrite(file: string, from: number, to: number): void {
  const open = openSync(file, 'r+');
  writeSync(open, Buffer.alloc(Math.max(0, to - from), 0xa5), 0, Math.max(0, to - from), from);
  closeSync(open);
}
