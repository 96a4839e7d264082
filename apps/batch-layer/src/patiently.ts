import { TwofoldError } from '@twofold/schemas';
import type { Clock } from '@twofold/service';

const FIRST_MS = 10;
const LONGEST_MS = 2_000;

/** Repeats an idempotent call while its error says that it may pass, up to `attempts` times. */
export async function patiently<T>(
  clock: Clock,
  call: () => Promise<T>,
  signal?: AbortSignal,
  attempts = 30,
): Promise<T> {
  for (let attempt = 1, waitMs = FIRST_MS; ; attempt++, waitMs = Math.min(2 * waitMs, LONGEST_MS)) {
    try {
      return await call();
    } catch (error) {
      if (signal?.aborted === true || !(error instanceof TwofoldError) || !error.retryable || attempt >= attempts)
        throw error;
    }
    await clock.sleep(waitMs, signal);
  }
}
