import type { Logger } from '@twofold/service';
import { GraphQLError } from 'graphql';
import { ReadError } from './errors.ts';

/**
 * What a client is told: refusals of a read with their code and message, faults of its own document as they are.
 * Anything else is logged under an id, and of it only the id is told.
 */
export function errorMasker(logger: Logger, nextId: () => string): (error: unknown) => Error {
  return (error) => {
    const path = error instanceof GraphQLError ? error.path : undefined;
    const nodes = error instanceof GraphQLError ? error.nodes : undefined;
    const cause = originOf(error);
    const place = { ...(nodes === undefined ? {} : { nodes }), ...(path === undefined ? {} : { path }) };
    if (cause instanceof ReadError)
      return new GraphQLError(cause.message, {
        ...place,
        extensions: { code: cause.code, retryable: cause.retryable },
      });
    if (cause instanceof GraphQLError) return cause;
    const id = nextId();
    logger.error('a query failed', { id, path: path?.join('.'), error: cause });
    return new GraphQLError(`The server could not answer. Its log says why under ${id}.`, {
      ...place,
      extensions: { code: 'INTERNAL', id },
    });
  };
}

/** The error that was thrown first: executors wrap it, some more than once. */
export function originOf(error: unknown): unknown {
  let at = error;
  for (let depth = 0; depth < 10 && at instanceof GraphQLError && at.originalError != null; depth++)
    at = at.originalError;
  return at;
}
