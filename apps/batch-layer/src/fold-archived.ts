import type { ArchiveState, EventTimes } from '@twofold/archive';
import type { SourceFile } from '@twofold/batch-engine';
import type { Entry } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { Accumulator } from '@twofold/views';
import type { BuildTask } from './build-parts.ts';
import { correctedSources, withAddedFiles } from './corrections/corrected-sources.ts';
import type { PartPlace } from './part-sources.ts';
import type { BatchPorts } from './ports.ts';
import { checkedSources, overlaps, type OffsetRanges } from './source-files.ts';

/** `[origin, cut)` of every partition: what a build counts. */
function buildRanges(entry: Entry, origins: readonly number[]): OffsetRanges {
  return origins.map((origin, partition) => ({ from: origin, to: entry.cut[partition] ?? origin }));
}

/** Folds panes `[from, to)` of the archive; gives how many records there are in what was read. */
export async function foldArchived(
  task: BuildTask,
  { widthMs, from, to }: PartPlace,
  accumulator: Accumulator,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<number> {
  const { view, state, list } = task;
  const ranges = buildRanges(task.entry, task.origins);
  const found = correctedSources(ports.archive, state, ranges, list.overlay, (file) => overlaps(file, from, to));
  const known = withAddedFiles(state, list.overlay);
  const files = await checkedSources(found, known, view.stream, ports.archive, task.checked);
  const job = { view, widthMs, files, panes: { from, to }, sliceSize: null };
  for await (const columns of ports.engine.fold(job, signal)) accumulator.addColumns(columns);
  return recordsIn({ stream: view.stream, files, known, within: { from, to } }, ports.archive);
}

/** Records of what is stored with events of the parts, each counted once, however many ranges of a file are read. */
async function recordsIn(
  of: {
    readonly stream: Stream;
    readonly files: readonly SourceFile[];
    readonly known: ArchiveState;
    readonly within: EventTimes;
  },
  archive: BatchPorts['archive'],
): Promise<number> {
  const { stream, files, known, within } = of;
  const read = new Set(files.map(({ path }) => path));
  let records = 0;
  for (const file of known.files) {
    if (!read.has(archive.locate(file))) continue;
    const { minEventTime, maxEventTime } = file;
    const isWhole = (minEventTime ?? within.from) >= within.from && (maxEventTime ?? within.from) < within.to;
    records += isWhole ? file.records : await archive.recordsWithin(stream, file, within);
  }
  return records;
}
