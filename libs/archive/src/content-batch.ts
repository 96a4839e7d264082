import type { RecordBatch } from '@twofold/schemas';
import { ArchiveError } from './errors.ts';

/** The rows of a file that are needed to give original records back. */
export interface OriginalRecords {
  readonly partition: number;
  readonly offsets: ArrayLike<number>;
  readonly logTimes: ArrayLike<number>;
  /** As FileContent.keys and values. */
  readonly keys: ArrayLike<Uint8Array | null | undefined>;
  readonly values: ArrayLike<Uint8Array | null | undefined>;
}

/**
 * The records of the positions `[from, to)` as a log gives them: one buffer and offset arrays.
 * Throws BYTES_NOT_KEPT when the archive has only the typed columns of one of them.
 */
export function recordsBetween(records: OriginalRecords, from: number, to: number): RecordBatch {
  const { offsets, logTimes, keys, values } = records;
  const first = lowerBound(offsets, from);
  const count = lowerBound(offsets, to) - first;
  let size = 0;
  for (let row = first; row < first + count; row++) {
    const key = keys[row];
    const value = values[row];
    if (key === undefined || value === undefined) throw bytesNotKept(records.partition, offsets[row] ?? -1);
    size += (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
  }
  const bytes = new Uint8Array(size);
  const keyStarts = new Int32Array(count);
  const keyEnds = new Int32Array(count);
  const valueStarts = new Int32Array(count);
  const valueEnds = new Int32Array(count);
  const batchOffsets = new Float64Array(count);
  const times = new Float64Array(count);
  let at = 0;
  const place = (blob: Uint8Array | null | undefined, starts: Int32Array, ends: Int32Array, i: number): void => {
    starts[i] = ends[i] = -1;
    if (!blob) return;
    bytes.set(blob, at);
    starts[i] = at;
    ends[i] = at += blob.byteLength;
  };
  for (let i = 0; i < count; i++) {
    batchOffsets[i] = offsets[first + i] ?? 0;
    times[i] = logTimes[first + i] ?? 0;
    place(keys[first + i], keyStarts, keyEnds, i);
    place(values[first + i], valueStarts, valueEnds, i);
  }
  return {
    partition: records.partition,
    baseOffset: from,
    nextOffset: to,
    count,
    bytes,
    offsets: batchOffsets,
    times,
    keyStarts,
    keyEnds,
    valueStarts,
    valueEnds,
  };
}

/** Index of the first element at or above `target` in a rising array. */
export function lowerBound(rising: ArrayLike<number>, target: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? Infinity) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bytesNotKept(partition: number, offset: number): ArchiveError {
  return new ArchiveError(
    'BYTES_NOT_KEPT',
    `The archive holds no original bytes of position ${offset} of partition ${partition}: its stream was archived without them, so it can not be read again from here.`,
    { facts: { partition, offset } },
  );
}
