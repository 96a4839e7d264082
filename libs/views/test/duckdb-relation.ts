import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Stream } from '@twofold/schemas';
import { fieldColumn, physical } from '@twofold/views';
import type { MemoryEvent } from '@twofold/views/testing';
import { sqlInteger, sqlName, sqlText } from '../src/sql-literals.ts';

/** Records as the archive gives them to an engine: row i at offset `i % perPartition` of partition `i / perPartition`. */
export async function relationOf(
  stream: Stream,
  events: readonly MemoryEvent[],
  perPartition = Infinity,
): Promise<{ readonly connection: DuckDBConnection; readonly relation: string }> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`CREATE TABLE "log" (${columnsOf(stream).join(', ')})`);
  for (let from = 0; from < events.length; from += 200) {
    const rows = events.slice(from, from + 200).map((event, i) => rowOf(stream, event, from + i, perPartition));
    await connection.run(`INSERT INTO "log" VALUES ${rows.join(', ')}`);
  }
  return { connection, relation: '"log"' };
}

/** Rows of a statement; texts as the hex of their UTF-8, since the binding drops a leading U+FEFF. */
export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  const described = await connection.runAndReadAll(`DESCRIBE ${sql}`);
  const columns = described.getRows().map((row) => {
    const name = sqlName(String(row[0]));
    return row[1] === 'VARCHAR' ? `hex(encode(${name}))` : name;
  });
  return (await connection.runAndReadAll(`SELECT ${columns.join(', ')} FROM (${sql})`)).getRows();
}

/** A text as `rowsOf` gives it. */
export function hexOf(text: string | null): string | null {
  return text === null ? null : Buffer.from(text, 'utf8').toString('hex').toUpperCase();
}

function columnsOf(stream: Stream): string[] {
  return [
    `${sqlName(physical.partition)} INTEGER`,
    `${sqlName(physical.offset)} BIGINT`,
    `${sqlName(physical.class)} INTEGER`,
    `${sqlName(physical.eventTime)} BIGINT`,
    ...stream.fields.map(
      (field) => `${sqlName(fieldColumn(field.name))} ${isText(field.type.kind) ? 'VARCHAR' : 'BIGINT'}`,
    ),
  ];
}

function rowOf(stream: Stream, event: MemoryEvent, row: number, perPartition: number): string {
  const partition = perPartition === Infinity ? 0 : Math.floor(row / perPartition);
  const rejected = event.class === 2;
  const fields = stream.fields.map(({ name }) => {
    const value = rejected ? null : (event.values[name] ?? null);
    return value === null ? 'NULL' : typeof value === 'string' ? sqlText(value) : sqlInteger(value);
  });
  const offset = perPartition === Infinity ? row : row % perPartition;
  const time = rejected ? 'NULL' : sqlInteger(event.time);
  return `(${[partition, sqlInteger(offset), event.class ?? 0, time, ...fields].join(', ')})`;
}

function isText(kind: string): boolean {
  return kind === 'text' || kind === 'enumeration' || kind === 'uuid';
}
