/** The part of a clock that a log needs. */
export interface LogClock {
  /** Wall clock, milliseconds since 1970: becomes log time. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Timers hold 31 bits; a longer wait ends earlier and gives an empty batch. */
const longestWaitMs = 2_147_483_647;

/** Why a sleep is ended that nobody waits for any more. Made once: an abort without a reason makes an error each time. */
const OVER: unknown = AbortSignal.abort().reason;

/** Readers that stand at the end of a partition and wait for an append. */
export class EndWaiters {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `wake`, or after `ms`, whichever is first. Rejects with the signal's reason. */
  async wait(clock: LogClock, ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const stopSleep = new AbortController();
    const onAbort = (): void => {
      stopSleep.abort(signal?.reason);
    };
    const { promise: woken, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      resolve(undefined);
    };
    this.#waiting.add(wake);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([woken, clock.sleep(Math.min(ms, longestWaitMs), stopSleep.signal)]);
    } finally {
      this.#waiting.delete(wake);
      signal?.removeEventListener('abort', onAbort);
      stopSleep.abort(OVER);
    }
  }

  wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
