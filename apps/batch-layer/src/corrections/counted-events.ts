import type { ArchiveFile, ArchiveState, ColumnArchive, EventTimes } from '@twofold/archive';
import { columnsOf } from '@twofold/batch-engine';
import { isIn, outsideOf, sizeOf, type Overlay } from '@twofold/corrections';
import { RecordClass, type Columns, type Stream } from '@twofold/schemas';

/** Rows of one file, as they are stored together. Only rows of class `applied` count: what was dropped is not. */
export interface CountedRows {
  readonly source: number;
  readonly file: ArchiveFile;
  readonly columns: Columns;
}

export interface CountedTask {
  readonly stream: Stream;
  readonly state: ArchiveState;
  readonly overlay: Overlay<ArchiveFile>;
  /** Positions `[from, to)` of a partition, or of the rows of an earlier correction, that are asked for; null: none of it. */
  readonly range: (source: number) => { readonly from: number; readonly to: number } | null;
  readonly wanted: (file: ArchiveFile) => boolean;
  /** What is stored apart from events of these times is left out; null: nothing is. */
  readonly within: EventTimes | null;
}

/** The events that count under an overlay, file by file: what a correction can be about. */
export async function* countedEvents(
  { stream, state, overlay, range, wanted, within }: CountedTask,
  archive: Pick<ColumnArchive, 'columnBatches'>,
  signal: AbortSignal,
): AsyncGenerator<CountedRows> {
  const sources = state.files.map((file) => ({ file, source: file.partition, asked: range(file.partition) }));
  for (const { source, file } of overlay.added) sources.push({ file, source, asked: range(source) });
  for (const { file, source, asked } of sources) {
    if (asked === null || file.to <= asked.from || file.from >= asked.to || !wanted(file)) continue;
    const dropped = overlay.dropped.get(source);
    for await (const archived of archive.columnBatches(stream, file, within)) {
      signal.throwIfAborted();
      const columns = columnsOf(archived, { ...asked, widthMs: 1, panes: null });
      if (dropped !== undefined)
        for (let row = 0; row < columns.count; row++)
          if (isIn(dropped, columns.offsets[row] ?? 0)) columns.classes[row] = RecordClass.control;
      yield { source, file, columns };
    }
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
