import { ServiceError } from './errors.ts';
import type { Clock, Notifier, Rng } from './ports.ts';
import { withDeadline } from './with-deadline.ts';

export interface WebhookOptions {
  readonly url: string;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Spreads the waits between attempts. */
  readonly rng: Rng;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly attemptsMax?: number;
  /** The first wait; each further one is twice as long, up to `backoffMsMax`. */
  readonly backoffMs?: number;
  readonly backoffMsMax?: number;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

const worthAnotherAttempt = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Posts the payload as JSON, with the id as `Idempotency-Key`: after a timeout the receiver may have it already, and a
 * repeat must not count twice. Accepted is any 2xx and nothing else; a redirect is not followed. Rejects with
 * `WEBHOOK_REFUSED` when the receiver says no, `WEBHOOK_UNREACHABLE` (retryable) when the attempts are used up.
 */
export function webhookNotifier(options: WebhookOptions): Notifier {
  const { clock, rng, timeoutMs = 5_000, attemptsMax = 5, backoffMs = 200, backoffMsMax = 10_000 } = options;
  return {
    notify: async (id, payload, signal) => {
      const body = JSON.stringify(payload, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
      let last: unknown;
      for (let attempt = 1; attempt <= attemptsMax; attempt++) {
        signal?.throwIfAborted();
        try {
          const status = await withDeadline(clock, timeoutMs, signal, (merged) => post(options, id, body, merged));
          if (status >= 200 && status < 300) return;
          if (!worthAnotherAttempt.has(status)) throw refused(options.url, id, status);
          last = `it answered ${status}`;
        } catch (error) {
          if (error instanceof ServiceError && error.code === 'WEBHOOK_REFUSED') throw error;
          signal?.throwIfAborted();
          last = error;
        }
        if (attempt < attemptsMax) await clock.sleep(waitMs(attempt), signal);
      }
      throw unreachable(options.url, id, attemptsMax, last);
    },
  };

  /** Between half and all of the doubled wait. */
  function waitMs(attempt: number): number {
    return Math.min(backoffMs * 2 ** (attempt - 1), backoffMsMax) * (0.5 + rng.next() / 2);
  }
}

async function post(options: WebhookOptions, id: string, body: string, signal: AbortSignal): Promise<number> {
  const { url, headers = {}, fetch: send = fetch } = options;
  const response = await send(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': id },
    body,
    redirect: 'manual',
    signal,
  });
  // What it says beside the status is not read; cancelling lets the connection be used again.
  await response.body?.cancel();
  return response.status;
}

function refused(url: string, id: string, status: number): ServiceError {
  const hint = status >= 300 && status < 400 ? ' Redirects are not followed: configure the final address.' : '';
  return new ServiceError('WEBHOOK_REFUSED', `${originOf(url)} answered ${status} to notification ${id}.${hint}`, {
    facts: { id, status },
  });
}

function unreachable(url: string, id: string, attempts: number, cause: unknown): ServiceError {
  const reason = cause instanceof Error ? describe(cause) : String(cause);
  return new ServiceError(
    'WEBHOOK_UNREACHABLE',
    `${originOf(url)} did not accept notification ${id} in ${attempts} attempts: ${reason}.`,
    { retryable: true, facts: { id, attempts }, cause },
  );
}

/** fetch hides the reason ("connection refused") in the cause. */
function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

/** Paths and queries of webhooks often carry tokens. */
function originOf(url: string): string {
  return URL.parse(url)?.origin ?? 'The webhook';
}
