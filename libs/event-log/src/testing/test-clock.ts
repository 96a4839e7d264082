import { setTimeout as delay } from 'node:timers/promises';
import type { LogClock } from '../end-waiters.ts';

/** Wall time as the test sets it; sleeping is real. */
export interface TestClock extends LogClock {
  set(nowMs: number): void;
}

export function createTestClock(nowMs = 1_700_000_000_000): TestClock {
  let now = nowMs;
  return {
    now: () => now,
    set: (value) => {
      now = value;
    },
    sleep: async (ms, signal) => {
      try {
        await delay(ms, undefined, { ref: true, ...(signal === undefined ? {} : { signal }) });
      } catch (error) {
        // The timer rejects with its own AbortError; the Clock port promises the signal's reason.
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}
