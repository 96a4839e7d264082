import type { Clock, Ids } from '@twofold/service';

let made = 0;

/** Ids of this process's own; the pid and the time of its start keep those of two processes apart. */
const prefix = `${Date.now()}-${process.pid}`;
export const ids: Ids = { next: () => `${prefix}-${(made += 1)}` };
export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
};
