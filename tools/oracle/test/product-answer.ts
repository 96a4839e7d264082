import { createClassifier, createDecoder } from '@twofold/schemas';
import { memoryBatch } from '@twofold/schemas/testing';
import { createAccumulator, createFold, decodeKey, presentWindows, type View } from '@twofold/views';
import type { OracleRecord, Presented, ServedRow } from '@twofold/oracle';

/** The same answer by the product's own decoder, fold, merge and presentation, of one partition from offset 0. */
export function productAnswer(
  view: View,
  records: readonly OracleRecord[],
  { from, to, grainMs }: { readonly from: number; readonly to: number; readonly grainMs?: number },
): ServedRow[] {
  const batch = memoryBatch(
    0,
    0,
    records.map(({ value, logTime, offset }) => ({ value, time: logTime, offsetDelta: offset })),
  );
  const columns = createDecoder(view.stream).decode(batch);
  createClassifier(view.stream).classify(columns);
  const fold = createFold(view);
  fold.apply(columns, 0, columns.count);
  const accumulator = createAccumulator(view, { widthMs: view.levels[0]?.widthMs ?? 1 });
  for (const { bytes } of fold.takeDirty()) accumulator.addChunk(bytes);
  const window =
    grainMs === undefined ? view.window : ({ kind: 'tumbling', sizeMs: grainMs, everyMs: grainMs } as const);
  const answer = presentWindows(view, accumulator, { from, to, window });
  return [...answer.keyOfRow].map((key, row) => {
    const columnsAt = (columnsOf: Readonly<Record<string, readonly Presented[]>>): Record<string, Presented> =>
      Object.fromEntries(Object.entries(columnsOf).map(([name, values]) => [name, values[row] ?? null]));
    const units = decodeKey(view, answer.keys[key] ?? new Uint8Array(0));
    return {
      dimensions: Object.fromEntries(view.dimensions.map(({ name }, i) => [name, units[i] ?? null])),
      windowStart: answer.windowStarts[row] ?? NaN,
      windowEnd: answer.windowEnds[row] ?? NaN,
      values: columnsAt(answer.measures),
      derived: columnsAt(answer.derived),
    };
  });
}
