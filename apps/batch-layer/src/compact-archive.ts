import {
  ArchiveError,
  planCompaction,
  type ArchiveFile,
  type ColumnArchive,
  type CompactionLimits,
} from '@twofold/archive';
import type { Stream } from '@twofold/schemas';

export const COMPACTION_DEFAULTS: CompactionLimits = { maxRecords: 2_000_000, maxBytes: 256 << 20, minFiles: 16 };

/**
 * Merges small neighbouring files of a stream into larger ones, one group a call at the most, so that a run stays
 * short. The files that are replaced stay where they are: somebody may be reading them.
 * @returns how many files were replaced; 0 when there was nothing to do, or when somebody else changed the archive first
 */
export async function compactArchive(
  stream: Stream,
  archive: ColumnArchive,
  signal: AbortSignal,
  limits: CompactionLimits = COMPACTION_DEFAULTS,
): Promise<number> {
  const state = await archive.head(stream.name);
  // What another version of the stream wrote is left as it is (E9).
  const [group] = planCompaction(state, limits).filter(([first]) =>
    [undefined, stream.fingerprint].includes(first?.fingerprint),
  );
  if (group === undefined) return 0;
  const merged = await mergeUnlessMoved(stream, group, archive, signal);
  if (merged === null) return 0;
  const next = await archive.commit(state, { add: [merged], remove: group.map((file) => file.name) });
  return next === null ? 0 : group.length;
}

/** Null: somebody else has replaced the files meanwhile, and they are gone. */
async function mergeUnlessMoved(
  stream: Stream,
  group: readonly ArchiveFile[],
  archive: ColumnArchive,
  signal: AbortSignal,
): Promise<ArchiveFile | null> {
  try {
    return await archive.compact(stream, group, signal);
  } catch (error) {
    if (!(error instanceof ArchiveError) || error.code !== 'FILE_MISSING') throw error;
    const named = new Set((await archive.head(stream.name)).files.map((file) => file.name));
    if (group.every((file) => named.has(file.name))) throw error;
    return null;
  }
}
