import { changeJob, runSchedule, SCHEDULE_TIMES, type Job } from '@twofold/batch-layer';
import { ask, plainSchedule, type AskedBackfill, type Schedule } from '@twofold/schedules';
import type { Clock, Cron } from '@twofold/service';
import type { Runs, ViewStore } from '@twofold/view-store';
import { reviewedRun } from './reviewed-run.ts';
import { archiveOnce, cutChooser } from './services.ts';
import type { Machine, World } from './world.ts';

/** A schedule's clock runs so much faster than the world: slots are seconds apart, and a history takes two. */
const FASTER = 40;
const JOB = 'recompute';
/** Leases are shorter than the longest pause: some holders stand still for longer than their lease. */
const TIMES = { ...SCHEDULE_TIMES, leaseMs: 12_000, beatMs: 2_000 };
/** A slot in the world's time. */
const TICK_MS = 10_000 / FASTER;
/** Wall clocks jump by up to so many slots. */
const JUMP_SLOTS = 30;

/** One of several schedulers of the same job: cron wakes it, is late, silent or doubled; the job's row decides. */
export function scheduler(world: World) {
  const { random } = world;
  const schedule: Schedule = {
    ...plainSchedule('*/10 * * * * *'),
    overlap: random.pick(['queue', 'skip', 'cancel']),
    missed: random.pick(['latest', 'latest', 'all', 'none']),
    missedAtMost: 5,
  };
  const watch = world.observer.jobs;
  watch.now = () => world.kernel.now;
  watch.leaseMs = TIMES.leaseMs / FASTER;
  return async (machine: Machine): Promise<void> => {
    const { batch, process } = machine;
    const { signal } = process.stop;
    const clock = jumpingClock(world, machine.clock);
    const store = observed(world, batch.store);
    const ports = { store, clock, cron: simCron(world, machine), ids: batch.ids, logger: batch.logger, times: TIMES };
    await runSchedule([recompute(world, machine, schedule)], ports, signal);
  };
}

/** Wall clocks are wrong, each for itself, and become right or otherwise wrong; until nothing goes wrong any more. */
function jumpingClock(world: World, clock: Clock): Clock {
  const { random, coverage } = world;
  const start = clock.now() - clock.monotonic();
  let jumpMs = 0;
  return {
    now: () => start + FASTER * clock.monotonic() + (world.calm ? 0 : jumpMs),
    monotonic: () => FASTER * clock.monotonic(),
    sleep: (ms, signal) => {
      if (random.chance(0.05)) {
        coverage.clockJumps++;
        jumpMs = random.chance(0.5) ? 0 : random.int(-JUMP_SLOTS, JUMP_SLOTS) * 10_000;
      }
      return clock.sleep(ms / FASTER, signal);
    },
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

/** Somebody asks for a range of event time to be built again. */
async function askForOldWork(
  { ids, truth, random, model }: World,
  { batch, clock }: Pick<Machine, 'batch' | 'clock'>,
  signal: AbortSignal,
) {
  let [from, to] = [Infinity, -Infinity];
  for (const { positions } of [...truth.partitions.values()].flat())
    for (const { shares } of positions.values())
      for (const { pane } of shares.values()) [from, to] = [Math.min(from, pane), Math.max(to, pane + 1)];
  if (from >= to) return;
  const asked: AskedBackfill = {
    ...{ kind: 'BACKFILL', id: ids.next(), at: 0, by: 'operator', failures: 0, pieces: 0, restMs: 1_000 },
    ...{
      views: model.views.map(({ name }) => name),
      from,
      to,
      next: to,
      pieceMs: Math.ceil((to - from) / random.int(1, 3)),
    },
  };
  await changeJob(
    batch.store.jobs,
    clock,
    JOB,
    {
      make: (row) => {
        const made = row === null ? null : ask(row, asked);
        return made?.ok === true ? made.row : null;
      },
      isMade: (row) => row.asked.some(({ id }) => id === asked.id),
    },
    signal,
  );
}

function recompute(world: World, machine: Machine, schedule: Schedule): Job {
  const { batch, clock, process } = machine;
  return {
    name: JOB,
    subjects: world.wanted.map(({ name }) => name),
    schedule,
    run: async ({ mark, again }, signal) => {
      const { project, wanted } = world;
      try {
        // A run of a store that was lost meanwhile has no say over the runs of the new one.
        if (batch.store.incarnation === world.observer.row?.incarnation)
          world.observer.jobs.begins(mark.job, mark.fence);
        const chooseCut = cutChooser(world.random);
        const options = { chooseCut, mark, ...(again === null ? {} : { again }) };
        // A run begins with what it builds from.
        if (world.model.newer !== undefined) await archiveOnce(world, machine, project);
        const { release, facts } = await reviewedRun(world, wanted, batch, signal, options);
        world.coverage.scheduledRuns++;
        if (again !== null) world.coverage.piecesBackfilled++;
        else if (world.random.chance(0.3)) await askForOldWork(world, { batch, clock }, signal);
        world.slotServed ||= world.calm;
        return { release, facts };
      } catch (error) {
        // The schedule keeps a run's record and goes on; whether the error may happen is asked here.
        if (!signal.aborted) world.judge(process, error);
        throw error;
      }
    },
  };
}

function observed({ coverage }: World, store: ViewStore): ViewStore {
  const runs: Runs = {
    ...store.runs,
    put: async (run) => {
      await store.runs.put(run);
      if (run.state === 'ABANDONED') coverage.runsAbandoned++;
      if (run.state === 'CANCELLED') coverage.runsCancelled++;
    },
  };
  const jobs = {
    ...store.jobs,
    compareAndSet: async (row: Parameters<ViewStore['jobs']['compareAndSet']>[0]) => {
      const set = await store.jobs.compareAndSet(row);
      if (!set && row.holder !== null) coverage.slotsTaken++;
      return set;
    },
  };
  return { ...store, runs, jobs };
}
