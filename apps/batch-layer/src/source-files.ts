import type { Archive, ArchiveFile, ArchiveState, ColumnArchive } from '@twofold/archive';
import type { SourceFile } from '@twofold/batch-engine';
import { isTwofoldError, type Stream } from '@twofold/schemas';
import { BatchError } from './errors.ts';

/** Positions `[from, to)` of each partition; index = partition. */
export type OffsetRanges = readonly { readonly from: number; readonly to: number }[];

/** A source that the archive named. */
export type ArchivedSource = SourceFile & { readonly archived: ArchiveFile };

/**
 * The files that hold the ranges, cut to them.
 * @throws COVERAGE_HOLE naming partition and range when the archive does not hold every position (E13).
 */
export function sourceFiles(
  archive: Pick<Archive, 'locate'>,
  state: ArchiveState,
  ranges: OffsetRanges,
  wanted: (file: ArchiveFile) => boolean = () => true,
): ArchivedSource[] {
  const found: ArchivedSource[] = [];
  for (const [partition, { from, to }] of ranges.entries()) {
    let at = from;
    for (const file of state.files) {
      if (file.partition !== partition || file.to <= at || file.from >= to) continue;
      if (file.from > at) break;
      if (wanted(file))
        found.push({ path: archive.locate(file), partition, from: at, to: Math.min(to, file.to), archived: file });
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
 * The same, and each file compared with what its manifest says of it, once a run: a damaged file is not folded, nor one
 * whose classes and typed columns were decided by another version of the stream (E9).
 * @throws SOURCE_DAMAGED naming file, partition and range
 * @throws STREAM_DIFFERS
 */
export async function checkedSources(
  sources: readonly SourceFile[],
  state: ArchiveState,
  stream: Stream,
  archive: Pick<ColumnArchive, 'locate' | 'checkFile' | 'fingerprintOf'>,
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
    await requireSameVersion(stream, file, archive);
    checked.add(path);
  }
  return sources;
}

/** @throws STREAM_DIFFERS when another version of the stream decided the file's classes and typed columns (E9). */
export async function requireSameVersion(
  stream: Stream,
  file: ArchiveFile,
  archive: Pick<ColumnArchive, 'fingerprintOf'>,
): Promise<void> {
  const found = await archive.fingerprintOf(stream.name, file);
  if (found === stream.fingerprint) return;
  throw new BatchError(
    'STREAM_DIFFERS',
    `stream ${stream.name} is declared otherwise than when it was archived (fingerprint ${stream.fingerprint}, archived ${found}): the classes and typed columns of archive file ${file.name} are those of the old declaration, and nothing is built from them. The original records are kept. Put the declaration back, or declare the change as a stream of another name.`,
    { facts: { stream: stream.name, file: file.name, declared: stream.fingerprint, archived: found } },
  );
}

/** How a run shows that a source is not there: the check, the engine that opens it, the archive that reads it. */
const GONE_CODES = new Set(['SOURCE_DAMAGED', 'ENGINE_FAILED', 'FILE_MISSING']);

/**
 * A run reads the files of the head that it set out from. When one of them was replaced meanwhile and collected, the
 * run is repeated from the head as it is now; in any other case its own error stands.
 */
export async function movedOr(
  error: unknown,
  states: Iterable<ArchiveState>,
  archive: Pick<Archive, 'head' | 'checkFile'>,
): Promise<unknown> {
  if (!isTwofoldError(error) || !GONE_CODES.has(error.code)) return error;
  for (const { stream, files } of states) {
    const named = new Set((await archive.head(stream)).files.map((file) => file.name));
    for (const file of files) {
      if (named.has(file.name) || (await archive.checkFile(stream, file))?.code !== 'FILE_MISSING') continue;
      return new BatchError(
        'SOURCE_MOVED',
        `stream ${stream}, partition ${file.partition}, positions [${file.from}, ${file.to}): archive file ${file.name} was replaced by a larger one and removed while this run read it; the next run reads the new one`,
        { retryable: true, cause: error, facts: { file: file.name } },
      );
    }
  }
  return error;
}

/** Could the file hold an event of `[from, to)` (event time, milliseconds)? */
export function overlaps(file: ArchiveFile, from: number, to: number): boolean {
  return (
    file.minEventTime !== null && file.maxEventTime !== null && file.minEventTime < to && file.maxEventTime >= from
  );
}
