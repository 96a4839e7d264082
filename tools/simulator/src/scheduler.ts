import { recomputeViews, runSchedule, type Job } from '@twofold/batch-layer';
import type { Clock, Cron } from '@twofold/service';
import type { RunRecord, Runs } from '@twofold/view-store';
import { cutChooser } from './services.ts';
import type { Machine, World } from './world.ts';

/** A schedule's clock runs so much faster than the world: slots are seconds apart, and a history takes two. */
const FASTER = 40;
const SCHEDULE = '*/10 * * * * *';
/** A slot in the world's time. */
const TICK_MS = 10_000 / FASTER;

/** What is known of runs of slots, from outside. */
export class Slots {
  readonly #succeeded = new Map<string, string>();
  readonly #abandoned = new Set<string>();

  /** Somebody else closed the run, because it showed no life: it may end well all the same. */
  abandoned(run: RunRecord): void {
    this.#abandoned.add(run.id);
  }

  /** The run that did the same slot's work before, and was not given up; null: there is none. */
  succeeded(run: RunRecord): string | null {
    if (this.#abandoned.has(run.id)) return null;
    const slot = `${run.job}|${run.slot}`;
    const other = this.#succeeded.get(slot) ?? run.id;
    this.#succeeded.set(slot, run.id);
    return other === run.id || this.#abandoned.has(other) ? null : other;
  }

  clear(): void {
    this.#succeeded.clear();
    this.#abandoned.clear();
  }
}

/** One of several schedulers of the same jobs: cron wakes it, is late, silent or doubled; the stored history decides. */
export function scheduler(world: World) {
  return async (machine: Machine): Promise<void> => {
    const { batch, process } = machine;
    const clock = fasterClock(machine.clock);
    const store = { runs: observedRuns(world, batch.store.runs) };
    const ports = { store, clock, cron: simCron(world, machine), ids: batch.ids, logger: batch.logger };
    await runSchedule([recompute(world, machine)], ports, process.stop.signal);
  };
}

function fasterClock(clock: Clock): Clock {
  const start = clock.now() - clock.monotonic();
  return {
    now: () => start + FASTER * clock.monotonic(),
    monotonic: () => FASTER * clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms / FASTER, signal),
  };
}

function simCron({ kernel, random, coverage }: World, { process }: Machine): Cron {
  return {
    schedule: (_, wake) => {
      let stopped = false;
      // Every scheduler is woken at the same moment, or nearly so.
      const untilTick = (): number => TICK_MS - (kernel.now % TICK_MS) + random.int(0, 4);
      const tick = (): void => {
        if (stopped || process.dead) return;
        kernel.at(untilTick(), `${process.name}: cron`, tick);
        if (random.chance(0.25)) coverage.ticksMissed++;
        else for (let times = random.chance(0.2) ? 2 : 1; times > 0; times--) process.live(wake);
      };
      kernel.at(untilTick(), `${process.name}: cron`, tick);
      return () => {
        stopped = true;
      };
    },
  };
}

function recompute(world: World, { batch, process }: Machine): Job {
  return {
    name: 'recompute',
    subjects: world.wanted.map(({ name }) => name),
    schedule: SCHEDULE,
    run: async (signal) => {
      try {
        const chooseCut = cutChooser(world.random);
        const { release, facts } = await recomputeViews(world.wanted, batch, signal, { chooseCut });
        world.coverage.scheduledRuns++;
        world.slotServed ||= world.calm;
        return { release, facts };
      } catch (error) {
        // The schedule keeps a run's record and goes on; whether the error may happen is asked here.
        world.judge(process, error);
        throw error;
      }
    },
  };
}

/** Of several schedulers one gets a slot: no two runs do it, unless the first was given up. */
function observedRuns({ slots, coverage, observer }: World, runs: Runs): Runs {
  return {
    ...runs,
    put: async (run) => {
      await runs.put(run);
      if (run.state === 'ABANDONED') {
        coverage.runsAbandoned++;
        slots.abandoned(run);
      }
      const other = run.state === 'SUCCEEDED' ? slots.succeeded(run) : null;
      if (other !== null) observer.fail('SLOT', `slot ${run.slot} of ${run.job} was done by ${other} and by ${run.id}`);
    },
    claimSlot: async (job, slot, run) => {
      const claimed = await runs.claimSlot(job, slot, run);
      if (!claimed) coverage.slotsTaken++;
      return claimed;
    },
  };
}
