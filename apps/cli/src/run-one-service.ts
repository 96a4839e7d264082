import {
  processHost,
  runService,
  startHealthServer,
  systemClock,
  type Clock,
  type Logger,
  type Readiness,
} from '@twofold/service';
import { isTwofoldError, type TwofoldError } from '@twofold/schemas';
import type { CliSettings } from './settings.ts';

/** What a service of its own is made of. */
export interface OneService {
  /**
   * Resolves when everything it needs is open; tried again while servers are away.
   * @param freePort resolves when nobody listens on the service's port any more, to be called before it does so itself
   */
  readonly start: (freePort: () => Promise<void>) => Promise<StartedService>;
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
 * not matter. Health and readiness are told from the first moment on, on `healthPort`; a service with `api` tells them
 * itself, on the API's port, once it has what it needs.
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
      let waitingFor = 'what it needs is not open yet';
      const notYet = (): Readiness => ({ ready: false, reasons: [waitingFor] });
      const readiness = (): Promise<Readiness> => started?.readiness() ?? Promise.resolve(notYet());
      const { host, healthPort, port } = values;
      const health = await startHealthServer({
        host,
        ...(of.api ? { port, flag: '--port' } : { port: healthPort }),
        readiness,
      });
      const freePort = (): Promise<void> => (of.api ? health.close() : Promise.resolve());
      const waiting = (error: TwofoldError, againInMs: number): void => {
        waitingFor = `what it needs is not there yet: ${error.code}; its log says more`;
        logger.warn('waiting', { code: error.code, message: error.message, againInMs });
      };
      try {
        started = await patiently(() => service.start(freePort), { clock, waiting }, signal);
        if (started === null) return;
        context.ready({ ...started.facts, ...(of.api ? {} : { health: health.url }) });
        const stopped = new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve(), { once: true });
        });
        await Promise.race([stopped, started.ended.then(() => stopped)]);
      } finally {
        await started?.stop();
        await health.close();
      }
    },
  });
}

/** Null when it was asked to end before all was there. */
async function patiently(
  start: () => Promise<StartedService>,
  { clock, waiting }: { clock: Clock; waiting: (error: TwofoldError, againInMs: number) => void },
  signal: AbortSignal,
): Promise<StartedService | null> {
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  for (let waitMs = WAIT_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, WAIT_MS_MAX)) {
    try {
      const attempt = start();
      // Servers may take their time to answer: who is asked to end meanwhile does not wait for them.
      attempt.then((late) => (signal.aborted ? late.stop() : undefined)).catch(() => undefined);
      return await Promise.race([attempt, aborted]);
    } catch (error) {
      if (!isTwofoldError(error) || !error.retryable) throw error;
      waiting(error, waitMs);
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }
  return null;
}
