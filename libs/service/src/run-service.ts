import type { Clock, Logger } from './ports.ts';
import type { ProcessHost } from './process-host.ts';

export interface ServiceContext {
  /** Aborted when the service is asked to end: finish what was begun, then return. */
  readonly signal: AbortSignal;
  /** Says that the service does its work from now on. */
  ready(facts?: Readonly<Record<string, unknown>>): void;
}

export interface ServiceRun {
  /** Lives as long as the service. Rejecting is a failure; returning early is not. */
  readonly service: (context: ServiceContext) => Promise<void>;
  readonly host: ProcessHost;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long draining may take. */
  readonly drainMsMax?: number;
}

/** A terminal and npm both pass Ctrl-C on: signals this close together are one request. */
const sameRequestMs = 500;
const interrupted = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a service until it returns, fails or is asked to end, and gives the exit code: 0 when it returned, also after
 * draining; 1 when it failed, did not drain in time or left an error uncaught; 128 + signal when a second request cut
 * the draining short. The caller ends the process with it, as work may still hang where the code is not 0.
 */
export function runService(run: ServiceRun): Promise<number> {
  const { service, host, clock, logger, drainMsMax = 10_000 } = run;
  const stop = new AbortController();
  const finished = new AbortController();
  let stopAskedAt: number | undefined;

  return new Promise((resolve) => {
    const finish = (exitCode: number) => {
      if (finished.signal.aborted) return;
      finished.abort();
      for (const release of releases) release();
      resolve(exitCode);
    };
    const onStop = (signal: keyof typeof interrupted) => {
      const at = clock.monotonic();
      if (stopAskedAt === undefined) {
        stopAskedAt = at;
        logger.info('draining', { signal });
        stop.abort(new DOMException(`Asked to end by ${signal}`, 'AbortError'));
        clock.sleep(drainMsMax, finished.signal).then(
          () => {
            logger.error('not drained in time', { drainMsMax });
            finish(1);
          },
          () => undefined,
        );
      } else if (at - stopAskedAt > sameRequestMs) {
        logger.warn('ended before it was drained', { signal });
        finish(interrupted[signal]);
      }
    };
    const onFault = (error: unknown) => {
      logger.error('uncaught error', { error });
      finish(1);
    };
    const releases = [host.onStop(onStop), host.onFault(onFault)];
    const ready: ServiceContext['ready'] = (facts) => logger.info('ready', facts);

    const onReturn = () => {
      if (stopAskedAt !== undefined) logger.info('drained');
      finish(0);
    };
    Promise.resolve()
      .then(() => service({ signal: stop.signal, ready }))
      .then(onReturn, (error: unknown) => {
        // Passing the abort on is a way of returning.
        if (stop.signal.aborted && error === stop.signal.reason) return onReturn();
        logger.error('failed', { error });
        return finish(1);
      });
  });
}
