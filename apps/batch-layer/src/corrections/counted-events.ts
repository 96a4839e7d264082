import type { ArchiveFile, ArchiveState, ColumnArchive } from '@twofold/archive';
import { columnsOf } from '@twofold/batch-engine';
import { isIn, outsideOf, sizeOf, type Overlay } from '@twofold/corrections';
import { RecordClass, type Columns, type Stream } from '@twofold/schemas';

/** The rows of one file. Only rows of class `applied` count: what was dropped is not. */
export interface CountedRows {
  readonly source: number;
  readonly file: ArchiveFile;
  readonly columns: Columns;
}

export interface CountedTask {
  readonly stream: Stream;
  readonly state: ArchiveState;
  readonly overlay: Overlay<ArchiveFile>;
  /** Positions `[from, to)` of a partition that are asked for; null: none of it. */
  readonly range: (partition: number) => { readonly from: number; readonly to: number } | null;
  readonly wanted: (file: ArchiveFile) => boolean;
  /** Rows of earlier corrections as well? */
  readonly added: boolean;
}

/** The events that count under an overlay, file by file: what a correction can be about. */
export async function* countedEvents(
  { stream, state, overlay, range, wanted, added }: CountedTask,
  archive: Pick<ColumnArchive, 'readColumns'>,
  signal: AbortSignal,
): AsyncGenerator<CountedRows> {
  const sources = state.files.map((file) => ({ file, source: file.partition, asked: range(file.partition) }));
  if (added)
    for (const { source, file, rows } of overlay.added) sources.push({ file, source, asked: { from: 0, to: rows } });
  for (const { file, source, asked } of sources) {
    if (asked === null || file.to <= asked.from || file.from >= asked.to || !wanted(file)) continue;
    signal.throwIfAborted();
    const archived = await archive.readColumns(stream, file);
    const columns = columnsOf(archived, { ...asked, widthMs: 1, panes: null });
    const dropped = overlay.dropped.get(source);
    if (dropped !== undefined)
      for (let row = 0; row < columns.count; row++)
        if (isIn(dropped, columns.offsets[row] ?? 0)) columns.classes[row] = RecordClass.control;
    yield { source, file, columns };
  }
}

/** How many events count below the archive's end. */
export function countOf(state: ArchiveState, overlay: Overlay<ArchiveFile>): number {
  const applied = state.files.reduce((sum, { counts }) => sum + counts.applied, 0);
  const added = overlay.added.reduce((sum, { rows }) => sum + rows, 0);
  let dropped = 0;
  for (const [source, runs] of overlay.dropped) {
    // A correction that was taken back leaves targets among rows that do not count any more.
    if (overlay.added.some((each) => each.source === source)) dropped += sizeOf(runs);
    // What was erased is not among the applied events either.
    if (source < state.origins.length)
      dropped += runs.reduce(
        (sum, [from, to]) => sum + sizeOf(outsideOf(overlay.erased.get(source) ?? [], from, to)),
        0,
      );
  }
  return applied + added - dropped;
}
