import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { appendThroughSocket, caughtUp, compareView, loadProject, readWholeLog } from '@twofold/cli';
import {
  askHours,
  followData,
  makeRigProject,
  minuteAt,
  RIG_JOBS,
  rigHours,
  runTwofold,
  ScheduledRuns,
  TwofoldProcess,
} from '@twofold/e2e';
import { Prng } from '@twofold/event-generator';
import type { ClassifiedRecord } from '@twofold/oracle';
import { afterAll, describe, expect, test } from 'vitest';

/** TWOFOLD_E2E_KILLS=60 is the long series. */
const KILLS = Number(process.env['TWOFOLD_E2E_KILLS'] ?? 5);
const SEED = Number(process.env['TWOFOLD_E2E_SEED'] ?? 7);
/** A reading a minute; each kill is of the correction of one more, from the broken hour on. */
const ALL = 180;
const FIRST = 60;
/** So many minutes there are. */
const MOST = ALL - FIRST - 1;

const folder = mkdtempSync(path.join(tmpdir(), 'twofold-correction-kills-'));
const dataFolder = path.join(folder, 'data');
const rig = makeRigProject();
const plant = (...args: string[]): string[] => [...args, '--project', rig.folder, '--data-folder', dataFolder];
// A scheduled run every two or three seconds: there is always one to be killed, or in the way of a correction.
const start = (): TwofoldProcess => new TwofoldProcess(plant('dev', '--port', '0', '--archive-every', '1s'));
/** Scheduled runs that are killed one after the other, before their jobs are waited for; then come kills of corrections. */
const AT_ONCE = Math.min(RIG_JOBS, Math.floor(KILLS / 2));
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let running = start();
afterAll(async () => {
  sending.stop = true;
  await sending.done;
  await running.kill('SIGTERM');
  rig.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function told(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runTwofold(plant(...args, '--json'));
  if (code !== 0) throw new Error(`twofold ${args.join(' ')} ended with ${code}: ${stderr.slice(-600)}`);
  return JSON.parse(stdout) as unknown;
}

const sending = { stop: false, done: Promise.resolve() };

/** A reading of another sensor now and then: each scheduled run has something to bring in. */
async function sendMore(): Promise<void> {
  for (let minute = ALL; !sending.stop; minute++) {
    const reading = { sensor: 'TS2', timestamp: minuteAt(minute), cycle: 1, temperature: 50 };
    const [key, value] = [reading.sensor, JSON.stringify(reading)].map((text) => new TextEncoder().encode(text));
    if (value !== undefined)
      await appendThroughSocket(dataFolder, 'rig-readings', [{ key: key ?? null, value }]).catch(() => null);
    await sleep(250);
  }
}

/** Plans the correction of one minute's reading, and gives the command that applies it. */
async function planMinute(minute: number): Promise<string[]> {
  const range = ['--from', minuteAt(minute), '--to', minuteAt(minute + 1)];
  const { plan } = (await told(
    ...['correct', 'retract', 'rig-readings', '--where', "sensor = 'TS1'", ...range, '--reason', `minute ${minute}`],
  )) as { plan: { id: string; fingerprint: string } };
  return ['apply', plan.id, '--fingerprint', plan.fingerprint];
}

const isRetracted = (record: ClassifiedRecord, minutes: number): boolean =>
  record.class === 'applied' &&
  record.event.values.get('sensor') === 'TS1' &&
  record.event.timeMs >= Date.parse(minuteAt(FIRST)) &&
  record.event.timeMs < Date.parse(minuteAt(FIRST + minutes));

describe(`E14 E15 E19: corrections and scheduled runs, killed -9 ${KILLS} times (seed ${SEED})`, () => {
  test(
    'leave the old release or the new one, and the repetition ends in what the oracle says of the events that are left',
    { timeout: 180_000 + KILLS * 60_000 },
    async () => {
      const random = new Prng(SEED);
      let url = await running.ready();
      const file = path.join(folder, 'readings.ndjson');
      writeFileSync(file, rigHours());
      await runTwofold(plant('send', 'rig-readings', file));
      const seen = async (): Promise<number> => (await askHours(url, 'TS1')).readings.reduce((a, b) => a + b, 0);
      await expect.poll(seen, { timeout: 60_000 }).toBe(ALL);

      // One that nobody kills says how long it takes.
      const first = await planMinute(FIRST);
      const began = performance.now();
      await told(...first);
      let applyMs = performance.now() - began;
      expect(await seen()).toBe(ALL - 1);
      sending.done = sendMore();
      const { project } = await loadProject(rig.folder);
      const platform = await followData(project, dataFolder);
      const runs = new ScheduledRuns(platform.store);
      const taken = () => expect.poll(() => runs.open(), { timeout: 150_000, interval: 500 }).toBe(0);
      const killed = { apply: 0, run: 0, tooLate: 0, old: 0, new: 0 };
      let kill = 0;
      // A kill that comes when all is done is none: it is not counted, and the next one comes sooner.
      for (; killed.apply + killed.run < KILLS && kill < MOST;) {
        kill++;
        const isOfRun = (killed.apply + killed.run) % (2 * AT_ONCE + 1) < AT_ONCE;
        // A job whose run was killed is only free after a lease in which nobody kills its scheduler.
        if (isOfRun && runs.killed.length % AT_ONCE === 0) await taken();
        const command = await planMinute(FIRST + kill);
        const applying = new TwofoldProcess(plant(...command));
        if (isOfRun) {
          killed[(await runs.killOne(running, random.next())) ? 'run' : 'tooLate']++;
          running = start();
          url = await running.ready();
          // What it was about may have failed with the platform; both are repeated below.
          await applying.ended;
        } else {
          await sleep(random.next() * applyMs);
          const { code } = await applying.kill('SIGKILL');
          killed[code === null ? 'apply' : 'tooLate']++;
          if (code !== null) applyMs *= 0.9;
        }
        const left = await seen();
        expect([ALL - kill, ALL - 1 - kill]).toContain(left);
        killed[left === ALL - kill ? 'old' : 'new']++;
        await told(...command);
        expect(await seen()).toBe(ALL - 1 - kill);
        // Told as it goes: on a busy machine a long series may not reach its end in its time.
        if (kill % 10 === 0) console.log(`${kill} times: ${JSON.stringify({ ...killed, ...(await runs.ends()) })}`);
      }
      await taken();
      sending.stop = true;
      await sending.done;
      expect(killed.apply + killed.run).toBe(KILLS);
      expect(killed.run).toBeGreaterThanOrEqual(AT_ONCE);
      // Each of them was really cut short in the midst, is told as abandoned, and its slot was done once or by a later one.
      expect(await runs.ends()).toEqual({ states: { ABANDONED: killed.run }, slotsDoneTwice: 0 });

      const topic = platform.topics.find(({ stream }) => stream.name === 'rig-readings');
      if (topic === undefined) throw new Error('the project has a rig');
      await caughtUp(project, platform, AbortSignal.timeout(20_000));
      const log = await readWholeLog(topic, platform.log);
      const left = log.filter((record) => !isRetracted(record, kill + 1));
      expect(log.length - left.length).toBe(kill + 1);
      for (const view of project.views.filter((each) => each.stream.name === 'rig-readings')) {
        const { difference, rows } = await compareView(view, left, platform);
        expect(difference).toBeNull();
        expect(rows.BATCH).toBeGreaterThan(0);
      }
      await platform.close();
      expect((await runTwofold(plant('verify'))).code).toBe(0);
      console.log(
        `kills: ${killed.apply} of twofold apply, ${killed.run} of twofold dev in a scheduled run (${killed.tooLate} came when it had ended); ` +
          `then the old release answered ${killed.old} times, the new one ${killed.new} times; every correction was repeated and is in force once`,
      );
    },
  );
});
