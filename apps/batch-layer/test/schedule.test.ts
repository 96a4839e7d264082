import { TwofoldError } from '@twofold/schemas';
import { plainSchedule } from '@twofold/schedules';
import { expect, test } from 'vitest';
import { runSchedule } from '../src/schedule.ts';
import { everyMinute, MINUTE_MS, passes, statesOf, world } from './schedule-world.ts';

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
  const hourly = { ...everyMinute(), schedule: plainSchedule('0 * * * *') };
  const hanging = { ...hourly, run: () => new Promise<never>(() => undefined) };
  // It stands still: what it would write or wait for is never heard of again.
  const dead = { ...clock, sleep: () => new Promise<never>(() => undefined) };
  void runSchedule([hanging], { ...ports, clock: dead }, new AbortController().signal);
  await passes(clock, 1_000);
  const stop = new AbortController();
  const done = runSchedule([hourly], ports, stop.signal);
  await passes(clock, 55_000);
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

test('a process that dies right after it took a job loses no slot: of two others one takes it up, and the run is recorded', async () => {
  const { ports, clock } = world();
  let ran = 0;
  const hourly = {
    ...everyMinute(async () => {
      ran++;
      return { release: 'r', facts: {} };
    }),
    schedule: plainSchedule('0 * * * *'),
  };
  let taken = 0;
  // The change is applied; its answer comes to nobody.
  const jobs: typeof ports.store.jobs = {
    ...ports.store.jobs,
    compareAndSet: async (row) => {
      const set = await ports.store.jobs.compareAndSet(row);
      if (row.holder === null) return set;
      taken++;
      return new Promise<never>(() => undefined);
    },
  };
  void runSchedule([hourly], { ...ports, store: { ...ports.store, jobs } }, new AbortController().signal);
  await passes(clock, 2_000);
  expect(taken).toBe(1);
  const stop = new AbortController();
  const others = [1, 2].map(() => runSchedule([hourly], ports, stop.signal));
  await passes(clock, 50_000);
  expect(ran).toBe(0);
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

test.each(['compareAndSet', 'read', 'put'] as const)(
  'a store that can not be reached for now (%s) does not end the schedule: the slot is run when it can',
  async (call) => {
    const { ports, clock } = world();
    let full = true;
    const { runs, jobs } = ports.store;
    const whileFull =
      <A extends unknown[], T>(name: string, work: (...args: A) => Promise<T>) =>
      (...args: A): Promise<T> =>
        full && name === call
          ? Promise.reject(new TwofoldError('STORE_DISK_FULL', 'no space', { retryable: true }))
          : work(...args);
    const store = {
      ...ports.store,
      runs: { ...runs, put: whileFull('put', runs.put) },
      jobs: {
        ...jobs,
        read: whileFull('read', jobs.read),
        compareAndSet: whileFull('compareAndSet', jobs.compareAndSet),
      },
    };
    const stop = new AbortController();
    let ended = 0;
    const job = everyMinute(async () => {
      ended++;
      return { release: 'r', facts: {} };
    });
    const done = runSchedule([job], { ...ports, store }, stop.signal);
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
