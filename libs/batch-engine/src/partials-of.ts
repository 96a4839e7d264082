import { decodeChunk, type Accumulator, type PartialColumns, type View } from '@twofold/views';

/** All partials that an accumulator holds, as one block; `origin` is the partition and slice they all belong to. */
export function partialsOf(
  view: View,
  accumulator: Accumulator,
  origin: { readonly partition: number; readonly slice: number } | null,
): PartialColumns {
  const { columns } = decodeChunk(view, accumulator.toChunk().bytes);
  if (origin === null) return columns;
  return {
    ...columns,
    partitions: new Int32Array(columns.count).fill(origin.partition),
    slices: new Float64Array(columns.count).fill(origin.slice),
  };
}
