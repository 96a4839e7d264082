import { TwofoldError } from '@twofold/schemas';
import { BATCH_DEFAULTS, BatchLayer } from '../src/batch-layer.ts';
import { JobRunner } from '../src/job-runner.ts';
import type { BatchProject } from '../src/ports.ts';
import type { World } from './sample.ts';

const dead = (): TwofoldError => new TwofoldError('KILLED', 'the process is dead');

/** Everything that is reached from a port; each call first asks whether the process still lives, and else gets its answer. */
function mortal<T extends object>(target: T, tick: () => Promise<never> | null): T {
  return new Proxy(target, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name);
      if (typeof value === 'function')
        return (...args: unknown[]): unknown => {
          const end = tick();
          if (end !== null) return end;
          const result: unknown = Reflect.apply(value, of, args);
          return name === 'corrections' && typeof result === 'object' && result !== null
            ? mortal(result, tick)
            : result;
        };
      return typeof value === 'object' && value !== null ? mortal(value, tick) : value;
    },
  });
}

/** A batch layer that is dead after so many calls of its store and archive, and of the states of operators. */
export function mortalLayer({ ports }: Pick<World, 'ports'>, project: BatchProject, calls: number): BatchLayer {
  let left = calls;
  const tick = (): null => {
    if (left-- <= 0) throw dead();
    return null;
  };
  const { store, archive, states } = ports;
  return new BatchLayer(project, {
    ...{ ...ports, store: mortal(store, tick), archive: mortal(archive, tick) },
    ...(states === undefined ? {} : { states: mortal(states, tick) }),
  });
}

/** Did it die before it was done? */
export function died(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    (error: unknown) => {
      if (!(error instanceof TwofoldError) || error.code !== 'KILLED') throw error;
      return true;
    },
  );
}

/** So long a sleep is a sign of life, or a wait between looks: it is over when it is ended. */
const LONG_MS = 5_000;

/**
 * A scheduler's part in the one job of a layer. After so many calls of its store and archive it is as a process that was
 * killed: no call comes back, and nobody hears of it.
 */
export function mortalRunner(
  { ports, clock }: World,
  project: BatchProject,
  schedule: string,
  calls: number,
): { readonly runner: JobRunner; readonly death: Promise<'DEAD'> } {
  let left = calls;
  const nothing = new Promise<never>(() => undefined);
  const { promise: death, resolve: die } = Promise.withResolvers<'DEAD'>();
  const tick = (): Promise<never> | null => {
    if (left-- > 0) return null;
    die('DEAD');
    return nothing;
  };
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (left < 0) return nothing;
    if (ms < LONG_MS) return clock.sleep(ms, signal);
    return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  };
  const own = {
    ...{ ...ports, store: mortal(ports.store, tick), archive: mortal(ports.archive, tick) },
    clock: { ...clock, sleep },
  };
  const [job] = new BatchLayer(project, own, { ...BATCH_DEFAULTS, schedule }).jobs();
  if (job === undefined) throw new RangeError('no job');
  return { runner: new JobRunner(job, { ...own, cron: { schedule: () => () => undefined } }), death };
}
