import duckdb, { type DataChunk } from '@duckdb/node-bindings';
import { TEXT_PIECES } from '../result-kind.ts';

/** The engine's cell of a text: its length in bytes, then the text itself, zero-padded, or 4 bytes of it and a pointer. */
export const CELL_WORDS = 4;
const CELL_BYTES = CELL_WORDS * 4;

/** The texts of one chunk: its cells, and the pieces of longer texts (see `selectItems`), which are read when needed. */
export class TextCells {
  readonly words: Int32Array;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #chunk: DataChunk;
  readonly #column: number;
  readonly #rows: number;
  readonly #pieces: Int32Array[] = [];

  /** The text stands in column `column` of the chunk and its pieces in the next ones. */
  constructor(chunk: DataChunk, column: number, rows: number) {
    this.#chunk = chunk;
    this.#column = column;
    this.#rows = rows;
    this.#bytes = cellBytes(chunk, column, rows);
    this.words = wordsOf(this.#bytes);
  }

  /** Cells of a piece; only those of rows whose text is carried in pieces mean anything. */
  piece(piece: number): Int32Array {
    if (this.#pieces.length === 0)
      for (let next = 1; next <= TEXT_PIECES; next++)
        this.#pieces.push(wordsOf(cellBytes(this.#chunk, this.#column + next, this.#rows)));
    return this.#pieces[piece] ?? this.words;
  }

  /** Follows the pointer of a text that is longer than a cell. */
  follow(row: number, length: number): Uint8Array {
    const pointerAt = this.#bytes.byteOffset + row * CELL_BYTES + 8;
    return duckdb.get_data_from_pointer(this.#bytes.buffer, pointerAt, length);
  }
}

function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function cellBytes(chunk: DataChunk, column: number, rows: number): Uint8Array<ArrayBuffer> {
  const data = duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, column), rows * CELL_BYTES);
  return data.buffer instanceof ArrayBuffer
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
