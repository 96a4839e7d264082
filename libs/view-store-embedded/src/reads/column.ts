import type { SQLOutputValue } from 'node:sqlite';
import { Damage } from '../damage.ts';

/**
 * Columns of a row as the strict tables promise them. A damaged file may hold anything.
 * @throws Damage
 */
export type StoredRow = Readonly<Record<string, SQLOutputValue>>;

export function numberIn(row: StoredRow, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : refuse(column);
}

export function numberOrNullIn(row: StoredRow, column: string): number | null {
  return row[column] === null ? null : numberIn(row, column);
}

export function textIn(row: StoredRow, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : refuse(column);
}

export function bytesIn(row: StoredRow, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : refuse(column);
}

function refuse(column: string): never {
  throw new Damage(`a row holds something else in its column ${column} than was written there`);
}
