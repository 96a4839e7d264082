import type { SourceFile } from './batch-engine.ts';

/** The positions of one partition that count, and the files that hold them. */
export interface PartitionSource {
  readonly partition: number;
  /** Each path once. */
  readonly paths: readonly string[];
  /** `[from, to)`, rising and apart from one another. */
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
}

/**
 * Files by partition; a partition without a position that counts is left out. Neighbouring ranges become one: files of
 * one partition hold disjoint positions (E13), so the union of their ranges says it all.
 */
export function sourceRanges(files: readonly SourceFile[]): PartitionSource[] {
  const partitions = new Map<number, SourceFile[]>();
  for (const file of files) {
    if (file.from >= file.to) continue;
    const of = partitions.get(file.partition);
    if (of === undefined) partitions.set(file.partition, [file]);
    else of.push(file);
  }
  return [...partitions].map(([partition, of]) => ({
    partition,
    paths: [...new Set(of.map(({ path }) => path))],
    ranges: unionOf(of),
  }));
}

function unionOf(files: readonly SourceFile[]): PartitionSource['ranges'] {
  const ranges: { from: number; to: number }[] = [];
  for (const { from, to } of [...files].sort((a, b) => a.from - b.from)) {
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }
  return ranges;
}
