import { decodeChunk, decodeKey, type ComponentColumn, type View } from '@twofold/views';
import type { Value } from '@twofold/oracle';
import type { Panes } from './true-panes.ts';

/** A chunk's partials in the form of the truth's, by key and pane. */
export function panesOfChunk(view: View, bytes: Uint8Array): Map<string, readonly Value[]> {
  const { keys, keyOfRow, columns } = decodeChunk(view, bytes);
  const names = keys.map((key) => JSON.stringify(decodeKey(view, key)));
  const panes = new Map<string, readonly Value[]>();
  for (let row = 0; row < columns.count; row++) {
    const id = `${names[keyOfRow[row] ?? 0]} ${columns.panes[row]}`;
    panes.set(
      id,
      columns.components.map((column) => valueAt(column, row)),
    );
  }
  return panes;
}

function valueAt(column: ComponentColumn, row: number): Value {
  switch (column.kind) {
    case 'count':
      return BigInt(column.values[row] ?? 0);
    case 'sum':
      return ((column.high[row] ?? 0n) << 64n) | (column.low[row] ?? 0n);
    case 'number':
      return column.valid[row] === 0 ? null : BigInt(column.values[row] ?? 0);
    case 'text':
      return column.texts[row] ?? null;
  }
}

/** The first difference in words; null: the same partials, to the last digit. */
export function differenceOf(expected: Panes, found: ReadonlyMap<string, readonly Value[]>): string | null {
  for (const [id, { components }] of expected) {
    const there = found.get(id);
    if (there === undefined) return `${id} is missing; it should be ${components.map(String).join(', ')}`;
    if (!sameValues(components, there))
      return `${id} is ${there.map(String).join(', ')} and should be ${components.map(String).join(', ')}`;
  }
  for (const [id, there] of found)
    if (!expected.has(id)) return `${id} is there (${there.map(String).join(', ')}) and should not be`;
  return null;
}

function sameValues(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
