import { decodeChunk, type DecodedChunk } from './chunk.ts';
import { compareKeys } from './key.ts';
import type { ComponentColumn } from './partials.ts';
import type { View } from './view.ts';

/** A partial that two chunks disagree on, for people: `absent`, or the components by name. */
export interface ChunkDifference {
  readonly key: Uint8Array;
  readonly pane: number;
  readonly left: string;
  readonly right: string;
}

/**
 * The first partial, by (key, pane), in which two chunks of a view differ, or null when their bytes are equal (E18).
 * Null for a chunk means that there is none, which is the same as an empty one.
 * Throws as `decodeChunk` does when one can not be read.
 */
export function firstDifference(view: View, left: Uint8Array | null, right: Uint8Array | null): ChunkDifference | null {
  if (left !== null && right !== null && compareKeys(left, right) === 0) return null;
  const a = left === null ? nothing : decodeChunk(view, left);
  const b = right === null ? nothing : decodeChunk(view, right);
  let row = 0;
  for (; row < a.columns.count && row < b.columns.count; row++) {
    const order = compareRows(a, b, row);
    if (order < 0) return difference(view, row, a, null);
    if (order > 0) return difference(view, row, null, b);
    const same = describe(view, a, row) === describe(view, b, row) && a.widthMs === b.widthMs;
    if (!same) return difference(view, row, a, b);
  }
  if (row < a.columns.count) return difference(view, row, a, null);
  return row < b.columns.count ? difference(view, row, null, b) : null;
}

const nothing: DecodedChunk = {
  widthMs: 1,
  keys: [],
  keyOfRow: new Int32Array(0),
  columns: {
    count: 0,
    dimensions: [],
    panes: new Float64Array(0),
    partitions: null,
    slices: null,
    components: [],
  },
};

/** Rows before were equal, so both are at the same row. */
function compareRows(a: DecodedChunk, b: DecodedChunk, row: number): number {
  const byKey = compareKeys(keyAt(a, row), keyAt(b, row));
  return byKey !== 0 ? byKey : (a.columns.panes[row] ?? 0) - (b.columns.panes[row] ?? 0);
}

function keyAt(chunk: DecodedChunk, row: number): Uint8Array {
  return chunk.keys[chunk.keyOfRow[row] ?? 0] ?? new Uint8Array(0);
}

function difference(view: View, row: number, left: DecodedChunk | null, right: DecodedChunk | null): ChunkDifference {
  const from = left ?? right ?? nothing;
  return {
    key: keyAt(from, row),
    pane: from.columns.panes[row] ?? 0,
    left: left === null ? 'absent' : describe(view, left, row),
    right: right === null ? 'absent' : describe(view, right, row),
  };
}

function describe(view: View, chunk: DecodedChunk, row: number): string {
  return view.components
    .map((component, i) => {
      const of = 'of' in component && component.of.op === 'field' ? ` ${component.of.field}` : '';
      return `${component.kind}${of} ${valueAt(chunk.columns.components[i], row)}`;
    })
    .join(', ');
}

function valueAt(column: ComponentColumn | undefined, row: number): string {
  switch (column?.kind) {
    case 'count':
      return String(column.values[row]);
    case 'sum':
      return String(((column.high[row] ?? 0n) << 64n) + (column.low[row] ?? 0n));
    case 'number':
      return column.valid[row] === 1 ? String(column.values[row]) : 'none';
    case 'text':
      return JSON.stringify(column.texts[row] ?? null);
    default:
      return 'none';
  }
}
