import { carrying, registerProject, type ControlRow } from '@twofold/releases';
import { latestSlot, nextSlot, parseCron, plainSchedule, type RunRecord, type Schedule } from '@twofold/schedules';
import { ulidIds, type Clock, type Cron } from '@twofold/service';
import { recordingLogger, seededRng, virtualClock, type VirtualClock } from '@twofold/service/testing';
import { createMemoryStore, type MemoryStore } from '@twofold/view-store';
import { expect, test } from 'vitest';
import { changeControl } from '../src/change-control.ts';
import type { Job } from '../src/job.ts';
import { runSchedule } from '../src/schedule.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 0, 1, 0, 7);
const JOB = 'recompute';
const TIMES = { lookMs: 3 * HOUR_MS, leaseMs: 0.5 * HOUR_MS, beatMs: 0.1 * HOUR_MS, readyMs: 60_000 };

interface Told {
  readonly kills: number;
  readonly pauses: number;
  readonly clockJumps: number;
  readonly longRuns: number;
  readonly takenOver: number;
  readonly fenced: number;
  readonly runs: number;
}

/** What goes wrong in a history, each once in so many days and scheduler. */
const KILLED_DAYS = 40;
const PAUSED_DAYS = 25;
const JUMPED_DAYS = 60;

/** Schedulers over one store, on the code that production runs, for so many years of virtual time. */
class History {
  readonly clock: VirtualClock = virtualClock(START);
  readonly told = { kills: 0, pauses: 0, clockJumps: 0, longRuns: 0, takenOver: 0, fenced: 0, runs: 0 };
  /** Slot → runs that made a release for it. */
  readonly effects = new Map<number, string[]>();
  readonly #random: ReturnType<typeof seededRng>;
  readonly #ids;
  readonly store: MemoryStore;
  readonly #schedule: Schedule;
  /** Nothing goes wrong any more. */
  calm = false;

  constructor(seed: number, schedule: Schedule) {
    this.#random = seededRng(seed);
    this.#schedule = schedule;
    this.#ids = ulidIds(this.clock, seededRng(seed + 1));
    this.store = createMemoryStore({ ids: this.#ids });
  }

  chance(p: number): boolean {
    return !this.calm && this.#random.next() < p;
  }

  between(low: number, high: number): number {
    return low + this.#random.next() * (high - low);
  }

  /** One process: dies, stands still, and its wall clock jumps; another like it follows. */
  start(): void {
    const { clock, told } = this;
    const startedAt = clock.monotonic();
    let dead = false;
    let skewMs = 0;
    let resume: () => void = () => undefined;
    let standing: Promise<void> | null = null;
    const stop = new AbortController();
    const alive = async <T>(value: T): Promise<T> => {
      await standing;
      return dead ? new Promise<never>(() => undefined) : value;
    };
    const mine: Clock = {
      now: () => clock.now() + skewMs,
      monotonic: () => clock.monotonic() - startedAt,
      sleep: (ms, signal) =>
        clock.sleep(ms, signal).then(alive, async (error: unknown) => {
          await alive(undefined);
          throw error;
        }),
    };
    const handle = this.store.open();
    const port = <P extends object>(of: P): P =>
      Object.fromEntries(
        Object.entries(of).map(([name, call]: [string, (...args: unknown[]) => Promise<unknown>]) => [
          name,
          async (...args: unknown[]) => alive(await call(...(await alive(args)))),
        ]),
      ) as P;
    const control = port(handle.control);
    const ports = {
      store: { ...handle, control, jobs: port(handle.jobs), runs: port(handle.runs) },
      clock: mine,
      cron: this.#cron(() => dead),
      ids: this.#ids,
      logger: recordingLogger(),
      times: TIMES,
    };
    void runSchedule([this.#job(mine, control)], ports, stop.signal);
    const trouble = async (): Promise<void> => {
      while (!dead) {
        await clock.sleep(this.between(0.2, 1.8) * DAY_MS);
        if (this.chance(1 / PAUSED_DAYS)) {
          told.pauses++;
          standing = new Promise((resolve) => {
            resume = resolve;
          });
          await clock.sleep(this.between(0.1, 20) * HOUR_MS);
          standing = null;
          resume();
        }
        if (this.chance(1 / JUMPED_DAYS)) {
          told.clockJumps++;
          skewMs = this.chance(0.5) ? 0 : this.between(-40, 40) * DAY_MS;
        }
        if (this.calm) skewMs = 0;
        if (this.chance(1 / KILLED_DAYS)) {
          told.kills++;
          dead = true;
          if (this.chance(0.3)) stop.abort();
          await clock.sleep(this.between(0, 12) * HOUR_MS);
          this.start();
        }
      }
    };
    void trouble();
  }

  /** Wakes late, twice, or not at all. */
  #cron(isDead: () => boolean): Cron {
    return {
      schedule: (expression, wake) => {
        const table = parseCron(expression);
        const tick = async (): Promise<void> => {
          while (!isDead()) {
            const slot = nextSlot(table, this.clock.now()) ?? 0;
            await this.clock.sleep(slot - this.clock.now() + this.between(0, 5_000));
            if (isDead() || this.chance(0.2)) continue;
            wake();
            if (this.chance(0.1)) wake();
          }
        };
        void tick();
        return () => undefined;
      },
    };
  }

  /** Its effect is a change of the control row that carries the run, as a promotion is. */
  #job(clock: Clock, control: MemoryStore['control']): Job {
    return {
      name: JOB,
      subjects: ['v'],
      schedule: this.#schedule,
      run: async ({ mark }, signal) => {
        this.told.runs++;
        const long = this.chance(0.01);
        if (long) this.told.longRuns++;
        await clock.sleep(long ? this.between(6, 30) * HOUR_MS : this.between(0.05, 0.8) * HOUR_MS, signal);
        const release = this.#ids.next();
        const outcome = await changeControl(control, clock, {
          make: (row) =>
            carrying(row, mark, (now) => ({ ok: true, row: { ...now, sequence: now.sequence + 1 } }), release),
          effect: (row) => (row.jobs?.[JOB]?.release === release ? 'DONE' : 'NOT_DONE'),
        });
        if (outcome.kind === 'REFUSED') {
          this.told.fenced++;
          throw new RangeError(outcome.refusal.message);
        }
        return { release, facts: {} };
      },
    };
  }

  /** Looks at every change of the control row as it is made. */
  async watch(): Promise<void> {
    const { incarnation, control } = this.store;
    await control.create(registerProject({ project: 'p', incarnation, streams: {}, views: [] }));
    let last: string | null = null;
    const open = this.store.open.bind(this.store);
    this.store.open = () => {
      const handle = open();
      return {
        ...handle,
        control: {
          ...handle.control,
          compareAndSet: async (row: ControlRow) => {
            const done = await handle.control.compareAndSet(row);
            const mark = row.jobs?.[JOB];
            if (done && mark?.release != null && mark.release !== last && mark.slot !== null) {
              last = mark.release;
              this.effects.set(mark.slot, [...(this.effects.get(mark.slot) ?? []), mark.run ?? '']);
            }
            return done;
          },
        },
      };
    };
  }

  async records(): Promise<RunRecord[]> {
    const all: RunRecord[] = [];
    for (;;) {
      const before = all.at(-1);
      const page = await this.store.runs.list({ limit: 1_000, ...(before === undefined ? {} : { before }) });
      if (page.length === 0) return all;
      all.push(...page);
    }
  }
}

async function runHistory(seed: number, schedulers: number, schedule: Schedule, years: number) {
  const history = new History(seed, schedule);
  await history.watch();
  for (let i = 0; i < schedulers; i++) history.start();
  const end = START + years * 365.25 * DAY_MS;
  while (history.clock.now() < end) await history.clock.advance(DAY_MS);
  history.calm = true;
  for (let day = 0; day < 60; day++) await history.clock.advance(DAY_MS);
  const records = await history.records();
  history.told.takenOver = records.filter(({ state }) => state === 'ABANDONED').length;
  return { history, records, end };
}

/** Slots of the schedule from its first run on. */
function slotsOf(schedule: Schedule, from: number, to: number): number[] {
  const table = parseCron(schedule.cron);
  const slots: number[] = [];
  for (let at = latestSlot(table, from); at !== null && at <= to; at = nextSlot(table, at)) slots.push(at);
  return slots;
}

const SEED = 20_261_121;

test.each([
  [10, 2, 'all'],
  [4, 5, 'latest'],
] as const)(
  '%i years of %i schedulers with clock jumps, restarts, pauses and long runs, missed slots: %s: one effective run a slot',
  async (years, schedulers, missed) => {
    const schedule: Schedule = { ...plainSchedule('0 */12 * * *'), missed, missedAtMost: 1_000, attempts: 100 };
    const { history, records, end } = await runHistory(SEED + schedulers, schedulers, schedule, years);
    const told: Told = history.told;
    const slots = slotsOf(schedule, START, end);
    console.log(`seed ${SEED + schedulers}, missed ${missed}: ${slots.length} slots, ${JSON.stringify(told)}`);
    const twice = [...history.effects].filter(([, runs]) => runs.length > 1);
    expect(twice.map(([slot, runs]) => `${new Date(slot).toISOString()}: ${runs.join(' and ')}`)).toEqual([]);
    // A slot that made nothing has runs of its own that say why, or is told by the run that passed over it.
    const tried = new Set(records.map(({ slot }) => slot));
    const over = records.flatMap(({ passedOver = [] }) => passedOver);
    const lost = slots.filter(
      (slot) =>
        !history.effects.has(slot) &&
        (missed === 'all' || (!tried.has(slot) && !over.some(({ from, to }) => from <= slot && slot <= to))),
    );
    expect(lost.map((slot) => new Date(slot).toISOString())).toEqual([]);
    for (const count of Object.values(told)) expect(count).toBeGreaterThan(0);
  },
  300_000,
);
