import type { Columns } from '@twofold/schemas';
import { createAccumulator, createFold, type Accumulator, type View } from '@twofold/views';

/** Positions of a partition that count: `[from, to)`. */
export interface Reach {
  readonly from: number;
  readonly to: number;
}

/**
 * Folds the columns of each partition as the speed layer does, slice by slice and in small steps, and adds the rows up.
 * @param reach by partition
 */
export function addSpeedFold(
  into: Accumulator,
  view: View,
  columns: readonly Columns[],
  reach: readonly Reach[],
  step: number,
): void {
  const fold = createFold(view);
  columns.forEach((all, partition) => {
    const { from = 0, to = 0 } = reach[partition] ?? {};
    const slice = (row: number): number => Math.floor((all.offsets[row] ?? 0) / view.stream.sliceSize);
    for (let row = 0; row < all.count;) {
      let end = row + 1;
      while (end < all.count && slice(end) === slice(row)) end++;
      const inside = (at: number): boolean => (all.offsets[at] ?? -1) >= from && (all.offsets[at] ?? -1) < to;
      while (row < end && !inside(row)) row++;
      let stop = row;
      while (stop < end && inside(stop)) stop++;
      const latest = new Map<number, Uint8Array>();
      for (let at = row; at < stop; at += step) {
        fold.apply(all, at, Math.min(stop, at + step));
        for (const { bucket, bytes } of fold.takeDirty()) latest.set(bucket, bytes);
      }
      for (const bytes of latest.values()) into.addChunk(bytes);
      fold.clear();
      row = end;
    }
  });
}

export function speedAccumulator(
  view: View,
  widthMs: number,
  columns: readonly Columns[],
  reach: readonly Reach[],
  step: number,
): Accumulator {
  const accumulator = createAccumulator(view, { widthMs });
  addSpeedFold(accumulator, view, columns, reach, step);
  return accumulator;
}
