import { TwofoldError } from '@twofold/schemas';
import { ulidIds, type Cron } from '@twofold/service';
import { recordingLogger, seededRng, virtualClock, type VirtualClock } from '@twofold/service/testing';
import { createMemoryStore, type RunState } from '@twofold/view-store';
import { expect, test } from 'vitest';
import { runSchedule, type Job, type SchedulePorts } from '../src/schedule.ts';

const MINUTE_MS = 60_000;
/** Four seconds past a full minute. */
const START = Date.UTC(2026, 0, 1, 12, 0, 4);

function world() {
  const clock = virtualClock(START);
  const ids = ulidIds(clock, seededRng(3));
  const wakers: (() => void)[] = [];
  const cron: Cron = {
    schedule: (_, wake) => {
      wakers.push(wake);
      return () => undefined;
    },
  };
  const ports: SchedulePorts = { store: createMemoryStore({ ids }), clock, cron, ids, logger: recordingLogger() };
  return { ports, clock, wake: () => wakers.forEach((waker) => waker()) };
}

function everyMinute(run: Job['run'] = async () => ({ release: 'r', facts: {} })): Job {
  return { name: 'recompute', subjects: ['v'], schedule: '* * * * *', run };
}

async function statesOf(ports: SchedulePorts): Promise<[number, RunState][]> {
  const runs = await ports.store.runs.list({ limit: 100 });
  return runs.map((run): [number, RunState] => [((run.slot ?? 0) - (START - 4_000)) / MINUTE_MS, run.state]).reverse();
}

async function passes(clock: VirtualClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 1_000) await clock.advance(1_000);
}

test('cron only wakes: a slot is run once, however often it is called or not at all', async () => {
  const { ports, clock, wake } = world();
  const stop = new AbortController();
  const done = runSchedule([everyMinute()], ports, stop.signal);
  await passes(clock, 10_000);
  for (let i = 0; i < 5; i++) wake();
  await passes(clock, 10_000);
  expect(await statesOf(ports)).toEqual([[0, 'SUCCEEDED']]);
  await passes(clock, 2 * MINUTE_MS);
  expect(await statesOf(ports)).toEqual([
    [0, 'SUCCEEDED'],
    [1, 'SUCCEEDED'],
    [2, 'SUCCEEDED'],
  ]);
  stop.abort();
  await passes(clock, 1_000);
  await done;
});

test('ticks that were missed are caught up by one run, of the newest slot', async () => {
  const { ports, clock } = world();
  const first = new AbortController();
  const done = runSchedule([everyMinute()], ports, first.signal);
  await passes(clock, 2_000);
  first.abort();
  await done;
  await clock.advance(10 * MINUTE_MS);
  const second = new AbortController();
  const again = runSchedule([everyMinute()], ports, second.signal);
  await passes(clock, 10_000);
  expect(await statesOf(ports)).toEqual([
    [0, 'SUCCEEDED'],
    [10, 'SUCCEEDED'],
  ]);
  second.abort();
  await passes(clock, 1_000);
  await again;
});

test('a run that takes longer than its slot is not overlapped, and the slots it covered are skipped', async () => {
  const { ports, clock } = world();
  let running = 0;
  let most = 0;
  let first = true;
  const slow = everyMinute(async () => {
    most = Math.max(most, ++running);
    if (first) {
      first = false;
      await clock.sleep(3.5 * MINUTE_MS);
    }
    running--;
    return { release: null, facts: {} };
  });
  const stop = new AbortController();
  const schedulers = [1, 2].map(() => runSchedule([slow], ports, stop.signal));
  await passes(clock, 4.5 * MINUTE_MS);
  expect(most).toBe(1);
  expect(await statesOf(ports)).toEqual([
    [0, 'SUCCEEDED'],
    [3, 'SUCCEEDED'],
    [4, 'SUCCEEDED'],
  ]);
  stop.abort();
  await passes(clock, 1_000);
  await Promise.all(schedulers);
});

test('of several schedulers one gets each slot', async () => {
  const { ports, clock } = world();
  const stop = new AbortController();
  const schedulers = [1, 2, 3].map(() => runSchedule([everyMinute()], ports, stop.signal));
  await passes(clock, 3 * MINUTE_MS);
  const states = await statesOf(ports);
  expect(states.map(([slot]) => slot)).toEqual([0, 1, 2, 3]);
  stop.abort();
  await passes(clock, 1_000);
  await Promise.all(schedulers);
});

test('a failed run is tried again, three times in all, then left to the next slot; a refusal is not', async () => {
  const { ports, clock } = world();
  let failures = 4;
  const failing = everyMinute(async () => {
    if (failures-- > 0) throw new TwofoldError('BROKEN', 'not now', { retryable: true });
    return { release: 'r', facts: {} };
  });
  const stop = new AbortController();
  const done = runSchedule([failing], ports, stop.signal);
  await passes(clock, MINUTE_MS + 30_000);
  expect(await statesOf(ports)).toEqual([
    [0, 'FAILED'],
    [0, 'FAILED'],
    [0, 'FAILED'],
    [1, 'FAILED'],
    [1, 'SUCCEEDED'],
  ]);
  stop.abort();
  await passes(clock, 1_000);
  await done;
  const other = world();
  const refused = everyMinute(() => Promise.reject(new TwofoldError('NEVER', 'no')));
  const end = new AbortController();
  const refusing = runSchedule([refused], other.ports, end.signal);
  await passes(other.clock, 40_000);
  expect(await statesOf(other.ports)).toEqual([[0, 'REFUSED']]);
  end.abort();
  await passes(other.clock, 1_000);
  await refusing;
});

test('a run whose process is gone is closed when its lease has ended, and its slot is run again', async () => {
  const { ports, clock } = world();
  const slot = START - 4_000;
  const facts = { attempt: 1, beatAt: clock.now() };
  await ports.store.runs.claimSlot('recompute', slot, {
    ...{ id: 'gone', job: 'recompute', subjects: ['v'], slot, trigger: 'SCHEDULE' as const, state: 'RUNNING' as const },
    ...{ startedAt: clock.now(), endedAt: null, release: null, error: null, facts },
  });
  const stop = new AbortController();
  const hourly = { ...everyMinute(), schedule: '0 * * * *' };
  const done = runSchedule([hourly], ports, stop.signal);
  await passes(clock, 50_000);
  expect(await statesOf(ports)).toEqual([[0, 'RUNNING']]);
  await passes(clock, 20_000);
  expect(await statesOf(ports)).toEqual([
    [0, 'ABANDONED'],
    [0, 'SUCCEEDED'],
  ]);
  stop.abort();
  await passes(clock, 1_000);
  await done;
});

test('a process that dies right after it claimed a slot loses no attempt: of two others one takes the slot up', async () => {
  const { ports, clock } = world();
  let ran = 0;
  const hourly = {
    ...everyMinute(async () => {
      ran++;
      return { release: 'r', facts: {} };
    }),
    schedule: '0 * * * *',
  };
  let claimed = 0;
  // The claim is applied; its answer comes to nobody.
  const runs = {
    ...ports.store.runs,
    claimSlot: async (...claim: Parameters<typeof ports.store.runs.claimSlot>) => {
      await ports.store.runs.claimSlot(...claim);
      claimed++;
      return new Promise<never>(() => undefined);
    },
  };
  const dying = runSchedule([hourly], { ...ports, store: { runs } }, new AbortController().signal);
  dying.catch(() => undefined);
  await passes(clock, 2_000);
  expect(claimed).toBe(1);
  const stop = new AbortController();
  const others = [1, 2].map(() => runSchedule([hourly], ports, stop.signal));
  await passes(clock, 50_000);
  expect([await statesOf(ports), ran]).toEqual([[[0, 'RUNNING']], 0]);
  await passes(clock, 30_000);
  expect([await statesOf(ports), ran]).toEqual([
    [
      [0, 'ABANDONED'],
      [0, 'SUCCEEDED'],
    ],
    1,
  ]);
  stop.abort();
  await passes(clock, 1_000);
  await Promise.all(others);
});

test.each(['claimSlot', 'put', 'list'] as const)(
  'a history that can not be kept for now (%s) does not end the schedule: the slot is run when it can',
  async (call) => {
    const { ports, clock } = world();
    let full = true;
    const { runs } = ports.store;
    const whileFull = <T>(work: () => Promise<T>): Promise<T> =>
      full ? Promise.reject(new TwofoldError('STORE_DISK_FULL', 'no space', { retryable: true })) : work();
    const refusing: typeof runs = {
      list: (options) => (call === 'list' ? whileFull(() => runs.list(options)) : runs.list(options)),
      put: (record) => (call === 'put' ? whileFull(() => runs.put(record)) : runs.put(record)),
      claimSlot: (...claim) =>
        call === 'claimSlot' ? whileFull(() => runs.claimSlot(...claim)) : runs.claimSlot(...claim),
      lastSlot: (job) => runs.lastSlot(job),
    };
    const stop = new AbortController();
    let ended = 0;
    const job = everyMinute(async () => {
      ended++;
      return { release: 'r', facts: {} };
    });
    const done = runSchedule([job], { ...ports, store: { runs: refusing } }, stop.signal);
    await passes(clock, 20_000);
    full = false;
    await passes(clock, 2 * MINUTE_MS);
    expect((await statesOf(ports)).filter(([, state]) => state === 'SUCCEEDED').length).toBeGreaterThan(0);
    expect(ended).toBeGreaterThan(0);
    stop.abort();
    await passes(clock, 1_000);
    await done;
  },
);
