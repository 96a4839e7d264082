import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { appendThroughSocket, caughtUp, compareView, loadProject, readWholeLog } from '@twofold/cli';
import { followData, PLANT, runTwofold, sleep, smallDisk, TwofoldProcess, until, WebhookReceiver } from '@twofold/e2e';
import { SensorEvents } from '@twofold/event-generator';
import { afterAll, describe, expect, test } from 'vitest';

const MEGABYTES = 12;
/** What a view has that names no other. */
const WARN_AFTER_MS = 2_000;
const folder = mkdtempSync(path.join(tmpdir(), 'twofold-full-disk-'));
const disk = smallDisk(folder, MEGABYTES);
const receiver = new WebhookReceiver();
afterAll(() => {
  receiver.close();
  disk?.unmount();
  rmSync(folder, { recursive: true, force: true });
});
if (disk === null) console.warn('skipped: twofold dev on a full disk (a small disk can not be mounted here)');

const dataFolder = path.join(folder, 'data');
const plant = (...args: string[]): string[] => [...args, '--project', PLANT, '--data-folder', dataFolder];

interface Told {
  readonly readings: number;
  readonly health: string;
  /** All that the log held at this time is in the answer. */
  readonly asOf: number | null;
}

async function askPlant(url: string): Promise<Told> {
  const time = '{from:"2026-01-01T00:00:00Z",to:"2026-01-02T00:00:00Z"}';
  const query = `{ plantMinute(timeRange: ${time}, first: 1) { totals { readings } freshness { health asOf } } }`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const answer = (await response.json()) as {
    data?: {
      plantMinute: { totals: { readings: string } | null; freshness: { health: string; asOf: string | null } };
    };
  };
  if (answer.data === undefined) throw new Error(JSON.stringify(answer));
  const { totals, freshness } = answer.data.plantMinute;
  const asOf = freshness.asOf === null ? null : Date.parse(freshness.asOf);
  return { readings: Number(totals?.readings ?? 0), health: freshness.health, asOf };
}

/** Writes a file of 64 kB; false: there is no space for all of it. */
function fills(file: string): boolean {
  try {
    writeFileSync(file, Buffer.alloc(1 << 16));
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(disk === null)('twofold dev on a disk that is full', () => {
  test(
    'refuses what it can not keep, says so, goes on answering, and has all that it acknowledged when there is space again',
    { timeout: 600_000 },
    async () => {
      const events = new SensorEvents({ seed: 5, sensors: 200, ratePerSecond: 2_000 });
      const webhook = ['--webhook-url', await receiver.listen()];
      const running = new TwofoldProcess(plant('dev', '--port', '0', '--archive-every', '1s', ...webhook));
      const url = await running.ready();
      let acknowledged = 0;
      let refusal: unknown = null;
      while (refusal === null) {
        const batch = events.take(500);
        await appendThroughSocket(dataFolder, 'sensor-readings', batch).then(
          () => (acknowledged += batch.filter((message) => message.kind === 'EVENT').length),
          (error: unknown) => (refusal = error),
        );
      }
      const refusedAt = Date.now();
      expect(refusal).toMatchObject({ code: 'LOG_DISK_FULL' });
      expect(refusal).toHaveProperty(
        'message',
        expect.stringMatching(/no space left: .*free some space and try again/),
      );

      // A sender is told, by the same words, and by its exit code.
      const file = path.join(tmpdir(), path.basename(folder) + '.ndjson');
      writeFileSync(file, `${' '.repeat(200_000)}{"sensor_id":"late"}\n`.repeat(20));
      const sent = await runTwofold(plant('send', 'sensor-readings', file));
      rmSync(file);
      expect(sent.stderr).toMatch(/no space left: .*free some space and try again \(LOG_DISK_FULL\)/);
      expect(sent.code).toBe(1);

      // The platform stays up through scheduled runs and answers. What the failed writes have given back may let some
      // through, so it may say at any time here that it has all; it never says so of an answer that has not.
      const state = () => running.printed;
      await until('the store has met the full disk', () => running.stderr.includes('STORE_DISK_FULL'), { state });
      const told = new Set<string>();
      for (let look = 0; look < 20; look++) {
        await sleep(250);
        const askedAt = Date.now();
        const { readings, health, asOf } = await askPlant(url);
        told.add(health);
        if (health === 'FRESH') expect(asOf).toBeGreaterThanOrEqual(askedAt - WARN_AFTER_MS);
        if (asOf !== null && asOf > refusedAt) expect(readings).toBe(acknowledged);
        else expect(readings).toBeLessThanOrEqual(acknowledged);
      }
      expect(running.child.exitCode).toBe(null);
      await running.kill('SIGKILL');

      // What the dead process let go of is taken as well.
      for (let piece = 0; fills(path.join(folder, `filler-${piece}`)); piece++);
      // Nothing starts on a full disk; what is missing is said, nothing is changed.
      const full = await runTwofold(plant('dev', '--port', '0'));
      expect(full.stderr).toMatch(/^twofold: .*(no space left|disk is full).*_DISK_FULL\)$/m);
      expect(full.code).toBe(1);

      disk?.grow(20 * MEGABYTES);
      const again = new TwofoldProcess(plant('dev', '--port', '0', '--archive-every', '1s', ...webhook));
      await again.ready();
      const { project } = await loadProject(PLANT);
      const platform = await followData(project, dataFolder);
      const sensors = platform.topics.find(({ stream }) => stream.name === 'sensor-readings');
      if (sensors === undefined) throw new Error('the plant has sensors');
      await caughtUp(project, platform, AbortSignal.timeout(60_000));
      const log = await readWholeLog(sensors, platform.log);
      expect(log.filter((record) => record.class === 'applied').length).toBe(acknowledged);
      for (const view of project.views.filter((v) => v.stream.name === 'sensor-readings'))
        expect((await compareView(view, log, platform)).difference).toBeNull();
      expect((await runTwofold(plant('verify'))).code).toBe(0);
      expect((await again.kill('SIGTERM')).code).toBe(0);
      await platform.close();
      console.log(
        `full disk: ${acknowledged} events acknowledged on ${MEGABYTES} MB, called ${[...told].join(', ')}, all counted once after it grew`,
      );
    },
  );
});
