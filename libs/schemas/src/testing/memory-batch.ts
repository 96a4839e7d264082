import type { RecordBatch } from '../record-batch.ts';

/** A record as a test writes it. */
export interface MemoryRecord {
  readonly key?: string | Uint8Array | null;
  /** Bytes as they are; text as its UTF-8 (so it is raw JSON); null is a null value; anything else becomes JSON. */
  readonly value: unknown;
  /** Log time in milliseconds. */
  readonly time: number;
  /** Place in the batch; one after the record before unless told. Positions left out are control. */
  readonly offsetDelta?: number;
}

/** A record batch of JS values. `nextOffset` is one past the last record unless told (control positions at the end). */
export function memoryBatch(
  partition: number,
  baseOffset: number,
  records: readonly MemoryRecord[],
  nextOffset?: number,
): RecordBatch {
  const count = records.length;
  const offsets = new Float64Array(count);
  const times = new Float64Array(count);
  const keyStarts = new Int32Array(count);
  const keyEnds = new Int32Array(count);
  const valueStarts = new Int32Array(count);
  const valueEnds = new Int32Array(count);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const place = (piece: Uint8Array | null, starts: Int32Array, ends: Int32Array, row: number): void => {
    starts[row] = piece === null ? -1 : length;
    if (piece !== null) {
      pieces.push(piece);
      length += piece.length;
    }
    ends[row] = piece === null ? -1 : length;
  };
  let next = baseOffset;
  records.forEach((record, row) => {
    const offset = record.offsetDelta === undefined ? next : baseOffset + record.offsetDelta;
    offsets[row] = offset;
    times[row] = record.time;
    place(bytesOf(record.key ?? null), keyStarts, keyEnds, row);
    place(bytesOf(record.value), valueStarts, valueEnds, row);
    next = offset + 1;
  });
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return {
    partition,
    baseOffset,
    nextOffset: nextOffset ?? next,
    count,
    bytes,
    offsets,
    times,
    keyStarts,
    keyEnds,
    valueStarts,
    valueEnds,
  };
}

function bytesOf(value: unknown): Uint8Array | null {
  if (value === null) return null;
  if (value instanceof Uint8Array) return value;
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}
