import {
  processHost,
  runService,
  startHealthServer,
  systemClock,
  type Clock,
  type Logger,
  type Readiness,
} from '@twofold/service';
import { isTwofoldError } from '@twofold/schemas';
import type { CliSettings } from './settings.ts';

/** What a service of its own is made of. */
export interface OneService {
  /** Resolves when everything it needs is open; tried again while servers are away. */
  readonly start: () => Promise<StartedService>;
}

export interface StartedService {
  readonly facts: Readonly<Record<string, unknown>>;
  /** Rejects when it ends unasked. */
  readonly ended: Promise<unknown>;
  readonly readiness: () => Promise<Readiness>;
  /** Drains and closes. */
  readonly stop: () => Promise<void>;
}

const WAIT_MS = 250;
const WAIT_MS_MAX = 5_000;

/**
 * Runs one service until it is asked to end. Servers that are not there yet are waited for: the order of starting does
 * not matter. Health and readiness are told from the first moment on, on `healthPort`; not by a service with `api`,
 * which tells them itself.
 */
export function runOneService(
  service: OneService,
  values: CliSettings,
  logger: Logger,
  of: { readonly api: boolean },
): Promise<number> {
  const clock = systemClock();
  return runService({
    host: processHost(),
    clock,
    logger,
    service: async (context) => {
      const { signal } = context;
      let started: StartedService | null = null;
      const notYet: Readiness = { ready: false, reasons: ['what it needs is not there yet'] };
      const readiness = (): Promise<Readiness> => started?.readiness() ?? Promise.resolve(notYet);
      const { host, healthPort } = values;
      const health = of.api ? null : await startHealthServer({ host, port: healthPort, readiness });
      try {
        started = await patiently(service, { clock, logger }, signal);
        if (started === null) return;
        context.ready({ ...started.facts, ...(health === null ? {} : { health: health.url }) });
        const stopped = new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve(), { once: true });
        });
        await Promise.race([stopped, started.ended.then(() => stopped)]);
      } finally {
        await started?.stop();
        await health?.close();
      }
    },
  });
}

/** Null when it was asked to end before all was there. */
async function patiently(
  service: OneService,
  { clock, logger }: { clock: Clock; logger: Logger },
  signal: AbortSignal,
): Promise<StartedService | null> {
  for (let waitMs = WAIT_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, WAIT_MS_MAX)) {
    try {
      return await service.start();
    } catch (error) {
      if (!isTwofoldError(error) || !error.retryable) throw error;
      logger.warn('waiting', { code: error.code, message: error.message, againInMs: waitMs });
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }
  return null;
}
