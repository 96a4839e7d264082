import type { logCreator, logLevel } from 'kafkajs';
import type { Logger } from '@twofold/service';

/** The library's levels by number: 1 error, 2 warning, 4 information. */
const levels = { nothing: 0, error: 1, warn: 2 } as const;

/**
 * What the library has to say, to our logger. It calls an error whatever it will try again, and our own errors say what
 * came of it, so nothing is passed on above a debug line. Of its facts only those that can hold no secret are taken.
 */
export function kafkajsLogging(logger: Logger | undefined): { level: logLevel; logCreator: logCreator } {
  return {
    level: logger === undefined ? levels.nothing : levels.warn,
    logCreator:
      () =>
      ({ log, namespace }) => {
        const { message, broker, groupId, error } = log;
        const facts = { broker: textOf(broker), groupId: textOf(groupId), error: textOf(error) };
        logger?.debug(`kafka client, ${namespace}: ${message}`, facts);
      },
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
