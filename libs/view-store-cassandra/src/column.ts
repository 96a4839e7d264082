import { StoreError } from '@twofold/view-store';
import type { CqlRow } from './session.ts';

/** A column that the migrations declare as bigint or int; `bigint` is what the driver gives for the first. */
export function numberIn(row: CqlRow, column: string): number {
  const value = row[column];
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : damaged(column);
}

export function numberOrNullIn(row: CqlRow, column: string): number | null {
  return row[column] === null || row[column] === undefined ? null : numberIn(row, column);
}

export function textIn(row: CqlRow, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : damaged(column);
}

export function bytesIn(row: CqlRow, column: string): Buffer {
  const value = row[column];
  return Buffer.isBuffer(value) ? value : damaged(column);
}

function damaged(column: string): never {
  throw damagedRow(`the column ${column} holds something else than was written`);
}

/** Nothing of such a row is served; the views can be rebuilt. */
export function damagedRow(what: string): StoreError {
  return new StoreError(
    'STORE_DAMAGED',
    `the view store in Cassandra is damaged: ${what}. Repair the node that holds it; else drop the keyspace and start again: the views are rebuilt from the archive and the log, which are not touched.`,
  );
}
