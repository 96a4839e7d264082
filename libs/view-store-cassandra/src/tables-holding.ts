import { types, type Client } from 'cassandra-driver';
import { cassandraFailure } from './cassandra-failure.ts';
import { textIn } from './column.ts';
import { connect } from './connect.ts';
import type { CassandraSettings } from './settings.ts';

/**
 * The tables of the keyspace in which the bytes of a text are, in rows of the project, shown to readers or not. Reads all
 * of them. What is deleted is not found, though its bytes are on the nodes' disks until they compact.
 * @throws STORE_UNAVAILABLE
 */
export async function tablesHolding(settings: CassandraSettings, project: string, text: string): Promise<string[]> {
  let client: Client | null = null;
  try {
    client = await connect(settings);
    const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';
    const { rows } = await client.execute(query, [settings.keyspace], { prepare: true });
    const holding: string[] = [];
    // Names are letters, digits and underscores; in quotes, since others' may have capitals.
    for (const table of rows.map((row) => textIn(row, 'table_name')))
      if (await holds(client, `${settings.keyspace}."${table}"`, project, text)) holding.push(table);
    return holding.sort();
  } catch (error) {
    throw cassandraFailure(error);
  } finally {
    await client?.shutdown();
  }
}

async function holds(client: Client, table: string, project: string, text: string): Promise<boolean> {
  const isIn = (value: unknown): boolean =>
    (Buffer.isBuffer(value) || typeof value === 'string') && value.includes(text);
  let pageState: Buffer | string | null = null;
  do {
    const page: types.ResultSet = await client.execute(`SELECT * FROM ${table}`, [], {
      prepare: true,
      consistency: types.consistencies.localQuorum,
      fetchSize: 128,
      ...(pageState === null ? {} : { pageState }),
    });
    if (page.rows.some((row) => row.get('project') === project && row.values().some(isIn))) return true;
    pageState = page.pageState;
  } while (pageState !== null && pageState !== undefined);
  return false;
}
