import { DuckDBInstance } from '@duckdb/node-api';

/** Rows of a query as plain values: integers as bigint, byte strings as hex. */
export async function duckdbRows(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader
      .getRows()
      .map((row) => row.map((value) => (value !== null && typeof value === 'object' ? String(value) : value)));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
