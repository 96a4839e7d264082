import { createAccumulator } from './accumulator.ts';
import { ChunkCursor } from './chunk-cursor.ts';
import { decodeKey } from './key.ts';
import type { Chunk, DimensionColumn, PartialColumns } from './partials.ts';
import { PartialTable } from './partial-table.ts';
import type { View } from './view.ts';

/*
 * The layout of a chunk, format 1. Varints are the shortest LEB128; "signed" means zigzag; the view and its version are
 * not repeated inside. Equal partials have equal bytes, on every machine.
 *
 *   format       1 byte
 *   widthMs      varint     width of the panes
 *   keys         varint
 *   partials     varint
 *   base         signed     first pane of the first key, in widths since 1970
 *   an entry a key, by rising key bytes (`encodeKey`):
 *     shared     varint     bytes it has in common with the key before it; 0 for every 16th key
 *     rest       varint, then so many bytes
 *     panes      varint     at least 1
 *     length     varint     bytes of what follows, so that a look-up passes over it
 *     a partial a pane, by rising pane:
 *       pane     signed, in widths from the base, for the first; varint, in widths from the one before less 1, for others
 *       presence a bit an extreme (min, max), lowest bit first; no byte when the view has none
 *       components in the view's order:
 *         rows, count        varint
 *         sum, sumSquares    signed, up to 128 bits
 *         min, max           only when present: signed; text: length and UTF-8
 *         distinct           see `DistinctSet.write`
 *         bins, histogram    see `BinCounts.write`
 *         first, last        see `PlacedValue.write`
 *         countBy            see `ValueCounts.write`
 *         reducer            see `Reduced.write`
 *   directory    32 bits, little end first: place of the 17th, 33rd, … key, counted from the first entry
 */

export interface DecodedChunk {
  readonly widthMs: number;
  /** The keys' bytes, in order. */
  readonly keys: readonly Uint8Array[];
  /** Index into `keys` of each partial. */
  readonly keyOfRow: Int32Array;
  /** The partials, in order. */
  readonly columns: PartialColumns;
}

/**
 * Encodes partials with panes of a width. Rows of the same key and pane are summed.
 * Throws `COLUMNS_INVALID` and `SUM_OVERFLOW`.
 */
export function encodeChunk(view: View, columns: PartialColumns, widthMs: number): Chunk {
  const accumulator = createAccumulator(view, { widthMs });
  accumulator.addColumns(columns);
  return accumulator.toChunk();
}

/** Throws `CHUNK_FORMAT_UNKNOWN` and `CHUNK_DAMAGED`. */
export function decodeChunk(view: View, bytes: Uint8Array): DecodedChunk {
  const cursor = new ChunkCursor(bytes);
  const table = new PartialTable(view);
  table.reserve(cursor.rows);
  const keys: Uint8Array[] = [];
  while (cursor.nextKey()) {
    const key = keys.push(cursor.key.slice(0, cursor.keyLength)) - 1;
    while (cursor.nextPane()) {
      table.reserve(1);
      table.read(cursor.reader, table.slotOf(key, cursor.pane));
    }
  }
  const order = Int32Array.from({ length: table.rows }, (_, row) => row);
  const keyOfRow = order.map((row) => table.keyOf(row));
  return {
    widthMs: cursor.widthMs,
    keys,
    keyOfRow,
    columns: {
      count: table.rows,
      dimensions: dimensionColumns(view, keys, keyOfRow),
      panes: table.panes.slice(0, table.rows),
      partitions: null,
      slices: null,
      components: table.states.map((state) => state.column(order)),
    },
  };
}

/** The keys' values as columns, one row for each index into `keys`. */
export function dimensionColumns(
  view: View,
  keys: readonly Uint8Array[],
  keyOfRow: Int32Array,
): readonly DimensionColumn[] {
  const values = keys.map((key) => decodeKey(view, key));
  return view.dimensions.map(({ expr }, i): DimensionColumn => {
    const ofRow = (key: number): unknown => values[key]?.[i] ?? null;
    if (expr.type.kind === 'text') {
      return { kind: 'text', texts: Array.from(keyOfRow, (key) => stringOrNull(ofRow(key))) };
    }
    return {
      kind: 'number',
      values: Float64Array.from(keyOfRow, (key) => Number(ofRow(key) ?? 0)),
      valid: Uint8Array.from(keyOfRow, (key) => (ofRow(key) === null ? 0 : 1)),
    };
  });
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
