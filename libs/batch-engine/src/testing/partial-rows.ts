import {
  createAccumulator,
  type ComponentColumn,
  type DimensionColumn,
  type PartialColumns,
  type View,
} from '@twofold/views';
import type { BatchEngine, FoldJob } from '../batch-engine.ts';
import { partialText, type PartialText } from './reference-fold.ts';

/** All blocks of a fold. */
export async function foldAll(engine: BatchEngine, job: FoldJob, signal?: AbortSignal): Promise<PartialColumns[]> {
  const blocks: PartialColumns[] = [];
  for await (const block of engine.fold(job, signal)) blocks.push(block);
  return blocks;
}

/** The partials of blocks, in words, sorted; a place that comes twice stands there twice. */
export function partialTexts(blocks: readonly PartialColumns[]): PartialText[] {
  return blocks
    .flatMap((block) =>
      Array.from({ length: block.count }, (_, row) => {
        const { partitions, slices } = block;
        const key = block.dimensions.map((column) => dimensionValue(column, row));
        const slice = partitions === null || slices === null ? [] : [partitions[row], slices[row]];
        const place = JSON.stringify([key, block.panes[row], ...slice]);
        return partialText(
          place,
          block.components.map((column) => componentText(column, row)),
        );
      }),
    )
    .sort();
}

/** The canonical bytes of what the blocks add up to, in panes of a width. */
export function chunkHex(view: View, widthMs: number, blocks: readonly PartialColumns[]): string {
  const accumulator = createAccumulator(view, { widthMs });
  for (const block of blocks) accumulator.addColumns(block);
  return Buffer.from(accumulator.toChunk().bytes).toString('hex');
}

function dimensionValue(column: DimensionColumn, row: number): number | string | null {
  if (column.kind === 'text') return column.texts[row] ?? null;
  return column.valid[row] === 1 ? (column.values[row] ?? null) : null;
}

function componentText(column: ComponentColumn, row: number): string {
  switch (column.kind) {
    case 'count':
      return String(column.values[row]);
    case 'sum':
      return String(((column.high[row] ?? 0n) << 64n) + (column.low[row] ?? 0n));
    case 'number':
      return JSON.stringify(column.valid[row] === 1 ? column.values[row] : null);
    case 'text':
      return JSON.stringify(column.texts[row] ?? null);
  }
}
