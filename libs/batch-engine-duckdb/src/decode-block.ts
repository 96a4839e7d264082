import { DataType, tableFromIPC, type Data } from 'apache-arrow';
import { EngineError } from '@twofold/batch-engine';

/** A column of a result as the parent has it. `valid` is 1 where a value is present; the values are the block's own. */
export type ResultColumn =
  | { readonly kind: 'number'; readonly values: Float64Array; readonly valid: Uint8Array }
  | { readonly kind: 'int128'; readonly low: BigUint64Array; readonly high: BigInt64Array }
  | { readonly kind: 'text'; readonly texts: (string | null)[] };

export interface ResultColumns {
  readonly count: number;
  readonly columns: readonly ResultColumn[];
}

/** Reads what `encodeBlock` wrote. */
export function decodeBlock(bytes: Uint8Array): ResultColumns {
  const [batch] = tableFromIPC(bytes).batches;
  if (batch === undefined) throw unreadable('no record batch');
  const count = batch.numRows;
  return { count, columns: batch.data.children.map((data) => column(data, count)) };
}

function column(data: Data, count: number): ResultColumn {
  const { type } = data;
  if (DataType.isDictionary(type)) return { kind: 'text', texts: texts(data, count) };
  const values: unknown = data.values;
  if (DataType.isFloat(type) && values instanceof Float64Array)
    return { kind: 'number', values: values.subarray(0, count), valid: validBytes(data, count) };
  if (DataType.isFixedSizeBinary(type) && values instanceof Uint8Array) return halves(values, count);
  throw unreadable(`a column of type ${String(type.typeId)}`);
}

/** 128-bit integers, low half first, to their halves; no BigInt is made on the way. */
function halves(values: Uint8Array, count: number): ResultColumn {
  const unsigned = new BigUint64Array(values.buffer, values.byteOffset, count * 2);
  const signed = new BigInt64Array(values.buffer, values.byteOffset, count * 2);
  const low = new BigUint64Array(count);
  const high = new BigInt64Array(count);
  for (let row = 0; row < count; row++) {
    low[row] = unsigned[2 * row] ?? 0n;
    high[row] = signed[2 * row + 1] ?? 0n;
  }
  return { kind: 'int128', low, high };
}

/** Every row of one text is the same string, so that a text of many rows is held once. */
function texts(data: Data, count: number): (string | null)[] {
  const dictionary = data.dictionary?.data[0];
  const ids: unknown = data.values;
  const utf8: unknown = dictionary?.values;
  const offsets: unknown = dictionary?.valueOffsets;
  if (!(ids instanceof Int32Array && utf8 instanceof Uint8Array && offsets instanceof Int32Array))
    throw unreadable('a text column without its dictionary');
  // Arrow's own reading of Utf8 drops a leading U+FEFF, which is text like any other; a Buffer keeps it.
  const buffer = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength);
  const distinct: string[] = [];
  for (let id = 0; id < (dictionary?.length ?? 0); id++)
    distinct.push(buffer.toString('utf8', offsets[id] ?? 0, offsets[id + 1] ?? 0));
  const all: (string | null)[] = [];
  const bitmap = nullBitmap(data);
  for (let row = 0; row < count; row++) {
    const present = bitmap === null || (((bitmap[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
    all.push(present ? (distinct[ids[row] ?? 0] ?? null) : null);
  }
  return all;
}

function validBytes(data: Data, count: number): Uint8Array {
  const bitmap = nullBitmap(data);
  if (bitmap === null) return new Uint8Array(count).fill(1);
  const valid = new Uint8Array(count);
  for (let row = 0; row < count; row++) valid[row] = ((bitmap[row >> 3] ?? 0) >> (row & 7)) & 1;
  return valid;
}

function nullBitmap(data: Data): Uint8Array | null {
  const bitmap: unknown = data.nullBitmap;
  return data.nullCount > 0 && bitmap instanceof Uint8Array ? bitmap : null;
}

function unreadable(what: string): EngineError {
  return new EngineError('ENGINE_FAILED', `the engine's child sent a block that can not be read: ${what}`);
}
