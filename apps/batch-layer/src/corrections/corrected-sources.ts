import type { ArchiveFile, ArchiveState, ColumnArchive } from '@twofold/archive';
import type { SourceFile } from '@twofold/batch-engine';
import { outsideOf, type Overlay } from '@twofold/corrections';
import { sourceFiles, type OffsetRanges } from '../source-files.ts';

/**
 * The events that count in the ranges, as an engine reads them: the archive's files without the positions that were
 * dropped, and the files of added rows. Classes stay as they were written (E9): an engine skips positions, it decides
 * nothing anew.
 * @throws COVERAGE_HOLE as `sourceFiles`: a dropped position has to be archived all the same
 */
export function correctedSources(
  archive: Pick<ColumnArchive, 'locate'>,
  state: ArchiveState,
  ranges: OffsetRanges,
  overlay: Overlay<ArchiveFile>,
  wanted: (file: ArchiveFile) => boolean = () => true,
): SourceFile[] {
  const log = sourceFiles(archive, state, ranges, wanted).map((file) => ({ ...file, source: file.partition }));
  const added = overlay.added
    .filter(({ file }) => wanted(file))
    .map(({ source, rows, file }) => ({ path: archive.locate(file), source, from: 0, to: rows, archived: file }));
  return [...log, ...added].flatMap(({ path, source, from, to, archived }) =>
    outsideOf(overlay.dropped.get(source) ?? [], from, to).map(([start, end]) => ({
      path,
      partition: source,
      from: start,
      to: end,
      archived,
    })),
  );
}

/** The state with the files of added rows beside its own: what a build may read, and checks first. */
export function withAddedFiles(state: ArchiveState, overlay: Overlay<ArchiveFile>): ArchiveState {
  if (overlay.added.length === 0) return state;
  return {
    ...state,
    files: [...state.files, ...overlay.added.map(({ source, file }) => ({ ...file, partition: source }))],
  };
}
