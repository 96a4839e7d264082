import { isTwofoldError } from '@twofold/schemas';
import { cassandraFailure } from './cassandra-failure.ts';

const attempts = 4;

/**
 * Makes a read that takes part in an agreement, again where it failed by something that passes: others' attempts, and a
 * node that is not known to be down yet, get in its way for a moment.
 */
export async function serialRead<T>(read: () => Promise<T>): Promise<T> {
  for (let left = attempts; ; left--)
    try {
      return await read();
    } catch (error) {
      const failure = cassandraFailure(error);
      if (left <= 1 || !isTwofoldError(failure) || !failure.retryable) throw error;
    }
}
