import { cassandraFailure } from '../cassandra-failure.ts';
import { connect } from '../connect.ts';
import type { CassandraSettings } from '../settings.ts';

/** Drops the keyspace with all that is in it, as an operator's mistake would. Tests give back what they made with it. */
export async function dropKeyspace(settings: CassandraSettings): Promise<void> {
  try {
    const client = await connect(settings);
    try {
      await client.execute(`DROP KEYSPACE IF EXISTS ${settings.keyspace}`);
    } finally {
      await client.shutdown();
    }
  } catch (error) {
    throw cassandraFailure(error);
  }
}
