import { ServiceError } from './errors.ts';
import type { Clock } from './ports.ts';

/**
 * Runs `work` with a signal that is aborted when `deadlineMs` have passed or the caller's own signal is. Rejects with
 * `DEADLINE_PASSED` (retryable) at the deadline even if the work takes no notice of its signal.
 */
export async function withDeadline<T>(
  clock: Pick<Clock, 'sleep'>,
  deadlineMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const passed = new AbortController();
  const done = new AbortController();
  const merged = signal === undefined ? passed.signal : AbortSignal.any([signal, passed.signal]);
  const error = new ServiceError('DEADLINE_PASSED', `Not done within ${deadlineMs} ms.`, {
    retryable: true,
    facts: { deadlineMs },
  });
  const deadline = clock.sleep(deadlineMs, done.signal).then(
    () => {
      passed.abort(error);
      throw error;
    },
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([work(merged), deadline]);
  } finally {
    done.abort();
  }
}
