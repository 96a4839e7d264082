import type { Archive, ArchiveFile, ArchiveState } from '@twofold/archive';
import type { SourceFile } from '@twofold/batch-engine';
import { BatchError } from './errors.ts';

/** Positions `[from, to)` of each partition; index = partition. */
export type OffsetRanges = readonly { readonly from: number; readonly to: number }[];

/**
 * The files that hold the ranges, cut to them.
 * @throws COVERAGE_HOLE naming partition and range when the archive does not hold every position (E13).
 */
export function sourceFiles(
  archive: Pick<Archive, 'locate'>,
  state: ArchiveState,
  ranges: OffsetRanges,
  wanted: (file: ArchiveFile) => boolean = () => true,
): SourceFile[] {
  const found: SourceFile[] = [];
  for (const [partition, { from, to }] of ranges.entries()) {
    let at = from;
    for (const file of state.files) {
      if (file.partition !== partition || file.to <= at || file.from >= to) continue;
      if (file.from > at) break;
      if (wanted(file)) found.push({ path: archive.locate(file), partition, from: at, to: Math.min(to, file.to) });
      at = Math.min(to, file.to);
    }
    if (at < to)
      throw new BatchError(
        'COVERAGE_HOLE',
        `stream ${state.stream}, partition ${partition}: the archive does not hold positions [${at}, ${to}). Run twofold verify; the served release stays as it is.`,
        { facts: { partition, from: at, to } },
      );
  }
  return found;
}

/**
 * The same, and each file compared with what its manifest says of it, once a run: a damaged file is not folded.
 * @throws SOURCE_DAMAGED naming file, partition and range
 */
export async function checkedSources(
  sources: readonly SourceFile[],
  state: ArchiveState,
  archive: Pick<Archive, 'locate' | 'checkFile'>,
  checked: Set<string>,
): Promise<readonly SourceFile[]> {
  const paths = new Set(sources.map((source) => source.path));
  for (const file of state.files) {
    const path = archive.locate(file);
    if (!paths.has(path) || checked.has(path)) continue;
    const fault = await archive.checkFile(state.stream, file);
    if (fault !== null)
      throw new BatchError(
        'SOURCE_DAMAGED',
        `stream ${state.stream}, partition ${file.partition}, positions [${file.from}, ${file.to}): archive file ${file.name}: ${fault.detail}. Nothing is built from it; the served release stays. Restore the file from a backup, then run again.`,
        { facts: { file: file.name, partition: file.partition, from: file.from, to: file.to } },
      );
    checked.add(path);
  }
  return sources;
}

/** Could the file hold an event of `[from, to)` (event time, milliseconds)? */
export function overlaps(file: ArchiveFile, from: number, to: number): boolean {
  return (
    file.minEventTime !== null && file.maxEventTime !== null && file.minEventTime < to && file.maxEventTime >= from
  );
}
