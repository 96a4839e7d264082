import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ServiceProcess } from '../service-process.ts';
import { sleep } from '../until.ts';
import { between, oneOf, type Fault, type Ground } from './ground.ts';

/** A speed layer that is not heard of for six seconds loses its partitions. */
const BEYOND_SESSION_MS = 9_000;
const HOUR_MS = 3_600_000;
const READY_PATIENCE_MS = 180_000;
const SHIFTED_CLOCK = pathToFileURL(path.join(import.meta.dirname, 'shifted-clock.mjs')).href;

type Choice = (ground: Ground) => readonly ServiceProcess[];

const aSpeed: Choice = ({ speeds, random }) => [oneOf(random, speeds)];
const aBatch: Choice = ({ batches, random }) => [oneOf(random, batches)];
const theApi: Choice = ({ serve }) => [serve];

const killed = (kind: string, weight: number, choose: Choice): Fault => ({
  kind,
  weight,
  strike: async (ground) => {
    await Promise.all(
      choose(ground).map(async (each) => {
        await each.kill('SIGKILL');
        again(each);
      }),
    );
  },
});

function again(each: ServiceProcess): void {
  each.restart();
  each.keep();
}

const asked = (kind: string, choose: Choice): Fault => ({
  kind,
  weight: 1,
  strike: async (ground) => {
    const [each] = choose(ground);
    if (each === undefined) return undefined;
    await each.ready(READY_PATIENCE_MS);
    const { code } = await each.kill('SIGTERM');
    again(each);
    return code === 0 ? undefined : `ended with ${code}`;
  },
});

const stopped = (kind: string, weight: number, choose: Choice, [from, to]: readonly [number, number]): Fault => ({
  kind,
  weight,
  ...(from >= BEYOND_SESSION_MS ? { atMost: 2 } : {}),
  strike: async (ground) => {
    const [each] = choose(ground);
    each?.signal('SIGSTOP');
    await sleep(between(ground.random, from, to));
    each?.signal('SIGCONT');
  },
});

/** One more speed layer for a while: the partitions are divided anew, twice. */
const joining = (kind: string, environment: Readonly<Record<string, string>>): Fault => ({
  kind,
  weight: 1,
  atMost: 2,
  strike: async ({ plant, random }) => {
    const third = await plant.start('speed', [], environment);
    try {
      await third.ready(READY_PATIENCE_MS);
    } catch (error) {
      // It is tried again, with another one.
      await third.kill('SIGKILL');
      throw error;
    }
    await sleep(between(random, 500, 3_000));
    const { code } = await third.kill(random.next() < 0.5 ? 'SIGTERM' : 'SIGKILL');
    return code === 1 ? 'it did not drain' : undefined;
  },
});

/** @param shiftMs what is added to this machine's time */
const withClock = (shiftMs: number): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${SHIFTED_CLOCK}`,
  E2E_CLOCK_SHIFT_MS: String(shiftMs),
});

/** Faults of our own processes. */
export const serviceFaults: readonly Fault[] = [
  killed('a speed layer killed -9', 6, aSpeed),
  killed('a batch layer killed -9', 6, aBatch),
  killed('the API killed -9', 4, theApi),
  killed('both speed layers killed -9', 2, ({ speeds }) => speeds),
  killed('every service killed -9', 2, ({ speeds, batches, serve }) => [...speeds, ...batches, serve]),
  asked('a speed layer asked to end', aSpeed),
  asked('a batch layer asked to end', aBatch),
  asked('the API asked to end', theApi),
  stopped('a speed layer stopped for a while', 2, aSpeed, [500, 4_000]),
  stopped('a speed layer stopped beyond its session', 1, aSpeed, [BEYOND_SESSION_MS, BEYOND_SESSION_MS + 3_000]),
  stopped('a batch layer stopped for a while', 2, aBatch, [500, 6_000]),
  stopped('the API stopped for a while', 1, theApi, [500, 2_000]),
  joining('a third speed layer comes and goes', {}),
  joining('a third speed layer whose clock is an hour ahead', withClock(HOUR_MS)),
  joining('a third speed layer whose clock is an hour behind', withClock(-HOUR_MS)),
];
