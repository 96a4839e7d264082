import { cassandraFailure } from '../cassandra-failure.ts';
import { connect } from '../connect.ts';
import type { CassandraSettings } from '../settings.ts';

export * from './plain-driver.ts';

/** One statement as an operator would send it, behind the store's back. */
export async function executeCql(settings: CassandraSettings, cql: string): Promise<void> {
  try {
    const client = await connect(settings);
    try {
      await client.execute(cql, [], { prepare: false });
    } finally {
      await client.shutdown();
    }
  } catch (error) {
    throw cassandraFailure(error);
  }
}

/** Drops the keyspace with all that is in it, as an operator's mistake would. Tests give back what they made with it. */
export async function dropKeyspace(settings: CassandraSettings): Promise<void> {
  await executeCql(settings, `DROP KEYSPACE IF EXISTS ${settings.keyspace}`);
}
