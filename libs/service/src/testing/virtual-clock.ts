import type { Clock } from '../ports.ts';
import { reasonOf } from '../system-clock.ts';

export interface VirtualClock extends Clock {
  /** Moves time on, waking sleepers in the order they are due; what they do is settled before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** Moves time to the next sleeper that is due; false when nobody sleeps. */
  advanceToNext(): Promise<boolean>;
  /** Moves the wall clock alone, as an administrator would. */
  setWall(nowMs: number): void;
  readonly sleepers: number;
}

interface Sleeper {
  readonly dueMs: number;
  wake(): void;
}

/** A clock that stands still until a test moves it. */
export function virtualClock(startMs = Date.UTC(2026, 0, 1)): VirtualClock {
  let elapsedMs = 0;
  let wallOffsetMs = startMs;
  const sleepers: Sleeper[] = [];

  const nextDue = () =>
    sleepers.reduce<Sleeper | undefined>((a, b) => (a === undefined || b.dueMs < a.dueMs ? b : a), undefined);
  const wakeUntil = async (limitMs: number) => {
    await settled();
    for (let next = nextDue(); next !== undefined && next.dueMs <= limitMs; next = nextDue()) {
      elapsedMs = Math.max(elapsedMs, next.dueMs);
      next.wake();
      await settled();
    }
    elapsedMs = Math.max(elapsedMs, limitMs);
  };

  return {
    now: () => wallOffsetMs + elapsedMs,
    monotonic: () => elapsedMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(reasonOf(signal));
          return;
        }
        const leave = () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          signal?.removeEventListener('abort', abort);
        };
        const sleeper: Sleeper = {
          dueMs: elapsedMs + Math.max(0, ms),
          wake: () => {
            leave();
            resolve();
          },
        };
        const abort = () => {
          leave();
          reject(reasonOf(signal));
        };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', abort, { once: true });
      }),
    advance: (ms) => wakeUntil(elapsedMs + ms),
    advanceToNext: async () => {
      await settled();
      const next = nextDue();
      if (next === undefined) return false;
      await wakeUntil(next.dueMs);
      return true;
    },
    setWall: (nowMs) => {
      wallOffsetMs = nowMs - elapsedMs;
    },
    get sleepers() {
      return sleepers.length;
    },
  };
}

/** Lets every promise that can move, move. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
