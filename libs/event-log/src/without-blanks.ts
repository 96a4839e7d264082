import type { BlankRecords, RecordBatch } from '@twofold/schemas';

/** The batch without the records that were erased: their positions stay in its range, as control. Shares its buffer. */
export function withoutBlanks(batch: RecordBatch, blanks: readonly BlankRecords[]): RecordBatch {
  const { baseOffset, nextOffset } = batch;
  const here = blanks.filter(
    ({ offsets }) => (offsets[firstAtOrAbove(offsets, baseOffset)] ?? nextOffset) < nextOffset,
  );
  if (here.length === 0) return batch;
  const rows: number[] = [];
  for (let row = 0; row < batch.count; row++) if (!isBlank(here, batch.offsets[row] ?? -1)) rows.push(row);
  const floats = (of: Float64Array): Float64Array => Float64Array.from(rows, (row) => of[row] ?? 0);
  const ints = (of: Int32Array): Int32Array => Int32Array.from(rows, (row) => of[row] ?? -1);
  return {
    ...batch,
    blanks: here,
    count: rows.length,
    offsets: floats(batch.offsets),
    times: floats(batch.times),
    keyStarts: ints(batch.keyStarts),
    keyEnds: ints(batch.keyEnds),
    valueStarts: ints(batch.valueStarts),
    valueEnds: ints(batch.valueEnds),
  };
}

function isBlank(blanks: readonly BlankRecords[], offset: number): boolean {
  return blanks.some(({ offsets }) => offsets[firstAtOrAbove(offsets, offset)] === offset);
}

/** Index of the first element at or above `target` in a rising list. */
export function firstAtOrAbove(rising: readonly number[], target: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? Infinity) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}
