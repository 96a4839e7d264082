import { registerProject } from '@twofold/releases';
import {
  ask,
  pause,
  REJECTED,
  resume,
  retryOf,
  type AskedRetry,
  type Requested,
  type Schedule,
} from '@twofold/schedules';
import type { JobRow, RunRecord } from '@twofold/view-store';
import { expect, test } from 'vitest';
import { BatchError } from '../src/errors.ts';
import type { Job, Lack, RunWork } from '../src/job.ts';
import { runSchedule } from '../src/schedule.ts';
import { everyMinute, MINUTE_MS, passes, START, statesOf, world } from './schedule-world.ts';

const SLOT = START - 4_000;
const minuteOf = (ms: number | null | undefined): number => ((ms ?? NaN) - SLOT) / MINUTE_MS;

/** Runs a job for a while and stops it; gives its runs, oldest first. */
async function runFor(w: ReturnType<typeof world>, job: Job, ms: number): Promise<RunRecord[]> {
  const stop = new AbortController();
  const done = runSchedule([job], w.ports, stop.signal);
  await passes(w.clock, ms);
  stop.abort();
  await passes(w.clock, 1_000);
  await done;
  return [...(await w.ports.store.runs.list({ limit: 1_000 }))].reverse();
}

/** The first run takes so long. */
function slowAtFirst(w: ReturnType<typeof world>, minutes: number, of: Partial<Schedule>): Job {
  let first = true;
  return everyMinute(async (_, signal) => {
    const slow = first;
    first = false;
    if (slow) await w.clock.sleep(minutes * MINUTE_MS, signal);
    return { release: null, facts: {} };
  }, of);
}

const passedOver = (runs: readonly RunRecord[]) =>
  runs.flatMap((run) =>
    (run.passedOver ?? []).map((p) => [minuteOf(run.slot), p.why, p.slots, minuteOf(p.from), minuteOf(p.to)]),
  );

test('overlap skip: no slot of a long run is run, and the run says which were skipped', async () => {
  const w = world();
  const runs = await runFor(w, slowAtFirst(w, 2.5, { overlap: 'skip' }), 4.5 * MINUTE_MS);
  expect(runs.map((run) => minuteOf(run.slot))).toEqual([0, 3, 4]);
  expect(passedOver(runs)).toEqual([[0, 'OVERLAP', 2, 1, 2]]);
});

test('overlap queue: the newest slot of a long run is run after it, and says which it stands for', async () => {
  const w = world();
  const runs = await runFor(w, slowAtFirst(w, 2.5, { overlap: 'queue', missed: 'none' }), 4.5 * MINUTE_MS);
  expect(runs.map((run) => minuteOf(run.slot))).toEqual([0, 2, 3, 4]);
  expect(passedOver(runs)).toEqual([[2, 'OVERLAP', 1, 1, 1]]);
});

test('overlap cancel: a run is given up when the next slot comes due', async () => {
  const w = world();
  const runs = await runFor(w, slowAtFirst(w, 2.5, { overlap: 'cancel' }), 2.5 * MINUTE_MS);
  expect(runs.map((run) => [minuteOf(run.slot), run.state])).toEqual([
    [0, 'CANCELLED'],
    [1, 'SUCCEEDED'],
    [2, 'SUCCEEDED'],
  ]);
  expect(runs[0]?.error?.code).toBe('RUN_CANCELLED');
});

test.each([
  ['latest', [0, 10], [[10, 'MISSED', 9, 1, 9]]],
  ['all', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []],
] as const)('missed %s: what becomes of slots for which nobody was there', async (missed, slots, over) => {
  const w = world();
  await runFor(w, everyMinute(undefined, { missed }), 1_000);
  await w.clock.advance(10 * MINUTE_MS);
  const runs = await runFor(w, everyMinute(undefined, { missed }), 20_000);
  expect(runs.map((run) => minuteOf(run.slot))).toEqual(slots);
  expect(passedOver(runs)).toEqual(over);
});

test('missed none: a slot for which nobody was there is not run, one that is seen a little late is', async () => {
  const w = world();
  const job = everyMinute(undefined, { missed: 'none', cron: '*/5 * * * *' });
  await runFor(w, job, 1_000);
  await w.clock.advance(12 * MINUTE_MS);
  const runs = await runFor(w, job, 4 * MINUTE_MS);
  expect(runs.map((run) => minuteOf(run.slot))).toEqual([0, 15]);
  expect(passedOver(runs)).toEqual([[15, 'MISSED', 2, 5, 10]]);
});

test('missed all: no more slots are caught up than the schedule allows', async () => {
  const w = world();
  const job = everyMinute(undefined, { missed: 'all', missedAtMost: 3 });
  await runFor(w, job, 2_000);
  await w.clock.advance(10 * MINUTE_MS);
  const runs = await runFor(w, job, 20_000);
  expect(runs.map((run) => minuteOf(run.slot))).toEqual([0, 8, 9, 10]);
  expect(passedOver(runs)).toEqual([[8, 'MISSED', 7, 1, 7]]);
});

test('a run that lacks something waits, says why, and begins when it has it; too late it is refused', async () => {
  const w = world();
  let reasons = ['the archive reaches 5 of 9'];
  const rule = { rejectedShare: null, withinMs: 90_000 };
  const hourly = { cron: '0 * * * *', ready: rule };
  const job = { ...everyMinute(undefined, hourly), ready: async () => reasons.map((why) => ({ why })) };
  const waiting = await runFor(w, job, 40_000);
  expect(waiting.map(({ state, reasons: why }) => [state, why])).toEqual([['WAITING', ['the archive reaches 5 of 9']]]);
  reasons = [];
  const ran = await runFor(w, job, 20_000);
  expect(ran.map(({ state, id }) => [state, id])).toEqual([['SUCCEEDED', waiting[0]?.id]]);
  const other = world();
  const never = { ...everyMinute(undefined, hourly), ready: async () => [{ why: 'a hole' }] };
  const refused = await runFor(other, never, 3 * MINUTE_MS);
  expect(refused.map(({ state, error }) => [state, error])).toEqual([
    ['REFUSED', { code: 'NOT_READY', message: 'a hole' }],
  ]);
});

test('a run that waits gives way to the next slot', async () => {
  const w = world();
  const job = { ...everyMinute(), ready: async () => (w.clock.now() < SLOT + MINUTE_MS ? [{ why: 'too early' }] : []) };
  const runs = await runFor(w, job, MINUTE_MS + 20_000);
  expect(runs.map(({ slot, state }) => [minuteOf(slot), state])).toEqual([
    [0, 'REFUSED'],
    [1, 'SUCCEEDED'],
  ]);
});

test('a run that did not begin since too many events are rejected is begun when somebody passes that, and says so', async () => {
  const w = world();
  const lacks: Lack[] = [{ why: '40 of 71 events were rejected', pass: REJECTED }];
  const done: Pick<RunWork, 'cuts' | 'passing'>[] = [];
  const work: Job['run'] = async ({ cuts, passing = [], note }) => {
    done.push({ cuts, passing });
    note({ gates: [{ gate: 'few', severity: 'block', passed: true, detail: 'no change' }] });
    return { release: 'r1', facts: {} };
  };
  const rule = { rejectedShare: 0.5, withinMs: 30_000 };
  const job = { ...everyMinute(work, { cron: '0 * * * *', ready: rule }), ready: async () => lacks };
  const [refused] = await runFor(w, job, MINUTE_MS);
  expect([refused?.state, refused?.error?.code]).toEqual(['REFUSED', 'NOT_READY']);
  const again = refused === undefined ? null : retryOf(refused);
  expect(again).toMatchObject({ code: 'NO_CUT', message: expect.stringMatching(/pass 'rejected'/) as string });
  expect(refused === undefined ? null : retryOf(refused, [REJECTED])).toEqual({ views: ['v'], cuts: null });
  const asked = { ...retry(refused?.id ?? ''), views: ['v'], cuts: null };
  // The wrong name passes nothing; what nobody may pass is lacked all the same.
  await request(w, (row) => ask(row, { ...asked, passing: ['few'] }));
  expect((await runFor(w, job, 10_000)).at(-1)).toMatchObject({ state: 'REFUSED', reasons: [lacks[0]?.why] });
  lacks.push({ why: 'a hole' });
  await request(w, (row) => ask(row, { ...asked, passing: [REJECTED] }));
  expect((await runFor(w, job, 10_000)).at(-1)).toMatchObject({ state: 'REFUSED', reasons: ['a hole'] });
  lacks.pop();
  await request(w, (row) => ask(row, { ...asked, passing: [REJECTED] }));
  expect((await runFor(w, job, 10_000)).at(-1)).toMatchObject({
    ...{ state: 'SUCCEEDED', trigger: 'RETRY', retryOf: refused?.id, release: 'r1' },
    gates: [
      { gate: 'rejected', severity: 'warn', passed: false, detail: '40 of 71 events were rejected' },
      { gate: 'few', severity: 'block', passed: true },
    ],
  });
  expect(done).toEqual([{ cuts: null, passing: [REJECTED] }]);
});

async function request(w: ReturnType<typeof world>, make: (row: JobRow) => Requested): Promise<void> {
  const row = await w.ports.store.jobs.read('recompute');
  if (row === null) throw new RangeError('no row');
  const made = make(row);
  if (!made.ok) throw new RangeError(made.message);
  expect(await w.ports.store.jobs.compareAndSet(made.row)).toBe(true);
}

test('a paused schedule runs nothing, slots and old work alike; resumed, the slots of the pause were missed', async () => {
  const w = world();
  const job = everyMinute();
  await runFor(w, job, 2_000);
  await request(w, (row) => pause(row, { at: w.clock.now(), by: 'ann', reason: 'a look' }));
  await request(w, (row) => ask(row, retry('r1')));
  await runFor(w, job, 3 * MINUTE_MS);
  expect(await statesOf(w.ports)).toEqual([[0, 'SUCCEEDED']]);
  await request(w, (row) => resume(row, w.clock.now()));
  const runs = await runFor(w, job, 20_000);
  expect(runs.map(({ slot, trigger }) => [slot === null ? null : minuteOf(slot), trigger])).toEqual([
    [0, 'SCHEDULE'],
    [3, 'SCHEDULE'],
    [null, 'RETRY'],
  ]);
});

function retry(run: string): AskedRetry {
  return { kind: 'RETRY', id: `ask ${run}`, at: START, by: 'ann', failures: 0, run, views: ['b'], cuts: { b: [3, 4] } };
}

test('a retry does the views that failed, at the cut that they had', async () => {
  const w = world();
  const done: Pick<RunWork, 'views' | 'cuts'>[] = [];
  const job = everyMinute(
    async ({ views, cuts, note, mark }) => {
      done.push({ views, cuts });
      note({ inputs: [{ view: 'b', version: 1, fingerprint: 'f', cut: [3, 4], corrections: [] }] });
      if (mark.slot === null) return { release: 'r2', facts: {} };
      const error = { code: 'PARITY_DIFFERS', message: 'no' };
      const failed = { view: 'b', state: 'FAILED' as const, parts: 0, rows: 0, sha256: null, error };
      return {
        release: 'r1',
        facts: {},
        outputs: [{ ...failed, view: 'a', state: 'SUCCEEDED', error: null }, failed],
        error,
      };
    },
    { cron: '0 * * * *' },
  );
  const [failed] = await runFor(w, job, 10_000);
  expect([failed?.state, failed?.release]).toEqual(['FAILED', 'r1']);
  const again = failed === undefined ? null : retryOf(failed);
  expect(again).toEqual({ views: ['b'], cuts: { b: [3, 4] } });
  await request(w, (row) => ask(row, { ...retry(failed?.id ?? ''), views: ['b'] }));
  const runs = await runFor(w, job, 10_000);
  expect(done).toEqual([
    { views: ['v'], cuts: null },
    { views: ['b'], cuts: { b: [3, 4] } },
  ]);
  expect(runs.map(({ state, trigger, retryOf: of }) => [state, trigger, of])).toEqual([
    ['FAILED', 'SCHEDULE', undefined],
    ['SUCCEEDED', 'RETRY', failed?.id],
  ]);
  // Asked for once, done once.
  expect((await w.ports.store.jobs.read('recompute'))?.asked).toEqual([]);
});

test('a backfill goes from the newest piece to the oldest, rests between, goes on after a restart, and gives way to slots', async () => {
  const w = world();
  const pieces: (string | number)[] = [];
  const job = everyMinute(async ({ again }) => {
    if (again !== null) pieces.push(`${again.from}-${again.to}`);
    else pieces.push('slot');
    return { release: null, facts: {} };
  });
  await runFor(w, job, 2_000);
  await request(w, (row) =>
    ask(row, {
      ...{ kind: 'BACKFILL', id: 'b1', at: START, by: 'ann', failures: 0, views: ['v'] },
      ...{ from: 15, to: 42, next: 42, pieceMs: 10, restMs: 20_000, pieces: 0 },
    }),
  );
  await runFor(w, job, 30_000);
  expect(pieces).toEqual(['slot', '40-42']);
  await runFor(w, job, 95_000);
  expect(pieces.filter((piece) => piece !== 'slot')).toEqual(['40-42', '30-40', '20-30', '15-20']);
  expect(pieces.filter((piece) => piece === 'slot')).toHaveLength(3);
  expect((await w.ports.store.jobs.read('recompute'))?.asked).toEqual([]);
});

test('a holder that stood still while its job was taken over changes nothing any more', async () => {
  const w = world();
  const { control } = w.ports.store;
  await control.create(
    registerProject({ project: 'p', incarnation: w.ports.store.incarnation, streams: {}, views: [] }),
  );
  const marks: number[] = [];
  const hourly = { cron: '0 * * * *' };
  const hanging = everyMinute(({ mark }) => {
    marks.push(mark.fence);
    return new Promise<never>(() => undefined);
  }, hourly);
  const dead = { ...w.clock, sleep: () => new Promise<never>(() => undefined) };
  void runSchedule([hanging], { ...w.ports, clock: dead }, new AbortController().signal);
  await passes(w.clock, 1_000);
  const job = everyMinute(async ({ mark }) => {
    marks.push(mark.fence);
    return { release: null, facts: {} };
  }, hourly);
  await runFor(w, job, 70_000);
  expect(marks).toEqual([1, 2]);
  // The fence is up before the new holder's work begins.
  expect((await control.read())?.jobs?.['recompute']?.fence).toBe(2);
});

test.each([
  ['a refusal', () => new BatchError('PARITY_DIFFERS', 'key ["canary"]: batch 1, speed 2'), 'PARITY_DIFFERS'],
  ['what nobody expected', () => new TypeError('canary is no number\n  of canary'), 'TypeError'],
])('E21: the log says which run failed and with what code, its record why: %s', async (_, thrown, code) => {
  const w = world();
  const [run] = await runFor(
    w,
    everyMinute(() => Promise.reject(thrown()), { cron: '0 * * * *', attempts: 1 }),
    5_000,
  );
  expect(run?.error?.message).toMatch(/canary/);
  const errors = w.logger.entries.filter(({ level }) => level === 'error');
  expect(errors).toMatchObject([{ facts: { run: run?.id, code } }]);
  expect(JSON.stringify(w.logger.entries)).not.toMatch(/canary/);
});
