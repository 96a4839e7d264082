import type { SourceFile } from './batch-engine.ts';

/** The positions of one partition that count, and the files that hold them. */
export interface PartitionSource {
  readonly partition: number;
  /** Each path once. */
  readonly paths: readonly string[];
  /** `[from, to)`, rising and apart from one another; null: every position of these files. */
  readonly ranges: readonly { readonly from: number; readonly to: number }[] | null;
}

/**
 * Files by partition, those that count as a whole by themselves; a partition without a position that counts is left out.
 * Neighbouring ranges become one: files of one partition hold disjoint positions (E13), so the union of their ranges says
 * it all.
 */
export function sourceRanges(files: readonly SourceFile[]): PartitionSource[] {
  const groups = new Map<string, SourceFile[]>();
  for (const file of files) {
    if (file.from >= file.to) continue;
    const key = `${file.partition} ${isWhole(file)}`;
    const of = groups.get(key);
    if (of === undefined) groups.set(key, [file]);
    else of.push(file);
  }
  return [...groups.values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const paths = [...new Set(of.map(({ path }) => path))];
    return { partition: first.partition, paths, ranges: isWhole(first) ? null : unionOf(of) };
  });
}

/** As its manifest says, which was compared with the file before anything is folded (E12). */
function isWhole({ from, to, archived }: SourceFile): boolean {
  return archived !== undefined && from <= archived.from && to >= archived.to;
}

function unionOf(files: readonly SourceFile[]): NonNullable<PartitionSource['ranges']> {
  const ranges: { from: number; to: number }[] = [];
  for (const { from, to } of [...files].sort((a, b) => a.from - b.from)) {
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }
  return ranges;
}
