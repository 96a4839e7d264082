import { TwofoldError } from '@twofold/schemas';
import { BatchLayer } from '../src/batch-layer.ts';
import type { BatchProject } from '../src/ports.ts';
import type { World } from './sample.ts';

const dead = (): TwofoldError => new TwofoldError('KILLED', 'the process is dead');

/** Everything that is reached from a port; each call first asks whether the process still lives. */
function mortal<T extends object>(target: T, tick: () => void): T {
  return new Proxy(target, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name);
      if (typeof value === 'function')
        return (...args: unknown[]): unknown => {
          tick();
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
  const tick = (): void => {
    if (left-- <= 0) throw dead();
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
