import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@twofold/service';

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // The timer rejects with its own AbortError; the Clock port promises the signal's reason.
      signal?.throwIfAborted();
      throw error;
    }
  },
};
