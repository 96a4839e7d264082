import type { Columns } from './columns.ts';
import { changeFields } from './define-upsert.ts';
import type { Stream } from './stream.ts';

/** One field of one row, in column units; null where it has none. */
export function valueAt(columns: Columns, field: number, row: number): number | string | null {
  const column = columns.fields[field];
  if (column === undefined) return null;
  if (column.kind === 'number') return column.valid[row] === 1 ? (column.values[row] ?? null) : null;
  const id = column.ids[row] ?? -1;
  return id < 0 ? null : column.dictionary.text(id);
}

/** Which row an event is about, as one text: of its restatement and of every change made of it the same. */
export function createRowKeyReader(stream: Stream, key: readonly string[]): (columns: Columns, row: number) => string {
  const places = key.map((name) => stream.fields.findIndex((field) => field.name === name));
  return (columns, row) => JSON.stringify(places.map((place) => valueAt(columns, place, row)));
}

/**
 * A change's place in the order that its operator emits in (E26), as one number: 2 · input offset + ordinal. Null: the
 * stream is no change stream.
 */
export function createChangePlaceReader(stream: Stream): ((columns: Columns, row: number) => number) | null {
  if (stream.change === undefined) return null;
  const indexOf = (name: string): number => stream.fields.findIndex((field) => field.name === name);
  const [offset, ordinal] = [indexOf(changeFields.offset), indexOf(changeFields.ordinal)];
  return (columns, row) => Number(valueAt(columns, offset, row)) * 2 + Number(valueAt(columns, ordinal, row));
}
