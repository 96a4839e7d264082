import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { appendThroughSocket, caughtUp, compareView, loadProject, readWholeLog } from '@twofold/cli';
import { followData, PLANT, TwofoldProcess } from '@twofold/e2e';
import { Prng, SensorEvents } from '@twofold/event-generator';
import { afterAll, describe, expect, test } from 'vitest';

const KILLS = Number(process.env['TWOFOLD_E2E_KILLS'] ?? 3);
const SEED = Number(process.env['TWOFOLD_E2E_SEED'] ?? 42);
const BATCH = 200;
const BATCH_MS = 40;

const dataFolder = mkdtempSync(path.join(tmpdir(), 'twofold-kill-'));
afterAll(() => rmSync(dataFolder, { recursive: true, force: true }));
const start = (): TwofoldProcess =>
  new TwofoldProcess([
    'dev',
    '--project',
    PLANT,
    '--data-folder',
    dataFolder,
    '--port',
    '0',
    '--archive-every',
    '1s',
    '--log-level',
    'info',
  ]);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function summary(acknowledged: number, restartMs: readonly number[]): string {
  const sorted = [...restartMs].sort((a, b) => a - b).map(Math.round);
  const [median = 0, last = 0] = [sorted[sorted.length >> 1], sorted.at(-1)];
  return `${acknowledged} events acknowledged; ready again after ${sorted[0] ?? 0} to ${last} ms, median ${median} ms`;
}

describe(`X1 X5 X6: twofold dev, killed -9 ${KILLS} times under 5,000 events a second (seed ${SEED})`, () => {
  test(
    'has every acknowledged event once, and answers as the oracle does',
    { timeout: 60_000 + KILLS * 30_000 },
    async () => {
      const random = new Prng(SEED);
      const events = new SensorEvents({ seed: SEED, sensors: 500, ratePerSecond: 5_000, malformed: 0.001 });
      let acknowledged = 0;
      let running = start();
      await running.ready();
      let stopSending = false;
      const sending = (async () => {
        while (!stopSending) {
          const batch = events.take(BATCH);
          // What was not acknowledged is sent again, as a producer does: it may then stand in the log twice.
          for (let sent: number | null = null; sent === null && !stopSending;) {
            sent = await appendThroughSocket(dataFolder, 'sensor-readings', batch).catch(() => null);
            if (sent === null) await sleep(20);
            else acknowledged += batch.filter((message) => message.kind === 'EVENT').length;
          }
          await sleep(BATCH_MS);
        }
      })();
      const restartMs: number[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        await sleep(500 + random.next() * 2_500);
        await running.kill('SIGKILL');
        const at = performance.now();
        running = start();
        await running.ready();
        restartMs.push(performance.now() - at);
        // Told as it goes: on a busy machine a long series may not reach its end in its time.
        if ((kill + 1) % 10 === 0) console.log(`kill ${kill + 1}: ${summary(acknowledged, restartMs)}`);
      }
      await sleep(1_000);
      stopSending = true;
      await sending;
      const { project } = await loadProject(PLANT);
      const platform = await followData(project, dataFolder);
      const topic = platform.topics.find(({ stream }) => stream.name === 'sensor-readings');
      if (topic === undefined) throw new Error('the plant has sensors');
      await caughtUp(project, platform, AbortSignal.timeout(20_000));
      const log = await readWholeLog(topic, platform.log);
      expect(log.filter((record) => record.class === 'applied').length).toBe(acknowledged);
      for (const view of project.views.filter((v) => v.stream.name === 'sensor-readings')) {
        const { difference, rows } = await compareView(view, log, platform);
        expect(difference).toBeNull();
        expect(rows.MERGED).toBeGreaterThan(0);
      }
      const ended = await running.kill('SIGTERM');
      expect(ended.code).toBe(0);
      await platform.close();
      console.log(`kill -9 × ${KILLS}: ${summary(acknowledged, restartMs)}; every one is counted once`);
    },
  );
});
