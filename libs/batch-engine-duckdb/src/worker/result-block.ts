import duckdb from '@duckdb/node-bindings';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { TEXT_PIECES, type ResultKind } from '../result-kind.ts';
import { TextCells } from './text-cells.ts';
import { TextInterner } from './text-interner.ts';

/** One column of a block. `nulls` is how many rows of it are null; a bit of `validity` is 1 where a value is present. */
export type BlockColumn = { readonly validity: Uint8Array; nulls: number } & (
  | { readonly kind: 'number'; readonly values: Float64Array }
  | { readonly kind: 'int128'; readonly values: Uint8Array }
  | { readonly kind: 'text'; readonly ids: Int32Array; readonly interner: TextInterner }
);

/** Rows of a result, copied out of the engine's vectors into columns of bounded size; reused for block after block. */
export class ResultBlock {
  readonly columns: readonly BlockColumn[];
  readonly capacity: number;
  rows = 0;

  constructor(kinds: readonly ResultKind[], capacity: number) {
    this.capacity = capacity;
    this.columns = kinds.map((kind) => emptyColumn(kind, capacity));
  }

  clear(): void {
    this.rows = 0;
    for (const column of this.columns) {
      column.nulls = 0;
      column.validity.fill(0xff);
      if (column.kind === 'text') column.interner.clear();
    }
  }

  /** Takes all rows of the chunk; there must be room for them. */
  add({ chunk, rowCount: rows }: DuckDBDataChunk): void {
    let index = 0;
    for (const column of this.columns) {
      const vector = duckdb.data_chunk_get_vector(chunk, index);
      // No validity bytes: every row of the vector is present.
      const valid: Uint8Array | null = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
      if (valid !== null) copyNulls(column, this.rows, valid, rows);
      if (column.kind === 'number') {
        const bytes = duckdb.vector_get_data(vector, rows * 8);
        column.values.set(new Float64Array(bytes.buffer, bytes.byteOffset, rows), this.rows);
      } else if (column.kind === 'int128') {
        column.values.set(duckdb.vector_get_data(vector, rows * 16), this.rows * 16);
      } else {
        addTexts(column, new TextCells(chunk, index, rows), this.rows, valid, rows);
      }
      index += column.kind === 'text' ? 1 + TEXT_PIECES : 1;
    }
    this.rows += rows;
  }
}

function emptyColumn(kind: ResultKind, capacity: number): BlockColumn {
  const validity = new Uint8Array(Math.ceil(capacity / 64) * 8).fill(0xff);
  if (kind === 'number') return { kind, validity, nulls: 0, values: new Float64Array(capacity) };
  if (kind === 'int128') return { kind, validity, nulls: 0, values: new Uint8Array(capacity * 16) };
  return { kind, validity, nulls: 0, ids: new Int32Array(capacity), interner: new TextInterner() };
}

function isValid(valid: Uint8Array, row: number): boolean {
  return (((valid[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
}

function copyNulls(column: BlockColumn, at: number, valid: Uint8Array, rows: number): void {
  for (let row = 0; row < rows; row++) {
    if (isValid(valid, row)) continue;
    const bit = at + row;
    column.validity[bit >> 3] = (column.validity[bit >> 3] ?? 0) & ~(1 << (bit & 7));
    column.nulls++;
  }
}

function addTexts(
  { ids, interner }: Extract<BlockColumn, { kind: 'text' }>,
  cells: TextCells,
  at: number,
  valid: Uint8Array | null,
  rows: number,
): void {
  for (let row = 0; row < rows; row++)
    ids[at + row] = valid === null || isValid(valid, row) ? interner.intern(cells, row) : 0;
}
