import type { Client, types } from 'cassandra-driver';
import { connect } from '../connect.ts';
import type { CassandraSettings } from '../settings.ts';

/** The tables in whose rows, of whatever project and seen by the store or not, the bytes of a text are. */
export async function tablesHolding(settings: CassandraSettings, text: string): Promise<string[]> {
  const client = await connect(settings);
  try {
    const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';
    const tables = await client.execute(query, [settings.keyspace], { prepare: true });
    const holding: string[] = [];
    for (const { table_name: table } of tables.rows as unknown as { table_name: string }[])
      if (await holds(client, `${settings.keyspace}.${table}`, text)) holding.push(table);
    return holding.sort();
  } finally {
    await client.shutdown();
  }
}

async function holds(client: Client, table: string, text: string): Promise<boolean> {
  const isIn = (value: unknown): boolean =>
    (Buffer.isBuffer(value) || typeof value === 'string') && value.includes(text);
  let pageState: Buffer | string | null = null;
  do {
    const page: types.ResultSet = await client.execute(`SELECT * FROM ${table}`, [], {
      prepare: true,
      fetchSize: 128,
      ...(pageState === null ? {} : { pageState }),
    });
    if (page.rows.some((row) => row.values().some(isIn))) return true;
    pageState = page.pageState;
  } while (pageState !== null && pageState !== undefined);
  return false;
}
