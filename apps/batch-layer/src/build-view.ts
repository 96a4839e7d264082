import { createHash } from 'node:crypto';
import type { ArchiveState, EventTimes } from '@twofold/archive';
import type { SourceFile } from '@twofold/batch-engine';
import { bucketsOf, touchedBetween } from '@twofold/corrections';
import { reachableBuilds, type Entry } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { BuildIndex, PartChunk, PartEntry } from '@twofold/view-store';
import { createAccumulator, type View } from '@twofold/views';
import { readControl } from './change-control.ts';
import { correctedSources, withAddedFiles } from './corrections/corrected-sources.ts';
import { loadList, type LoadedList } from './corrections/load-list.ts';
import { BatchError } from './errors.ts';
import { patiently } from './patiently.ts';
import { planBuild, surveyMs, type PlannedPart } from './plan-build.ts';
import type { BatchPorts } from './ports.ts';
import { checkedSources, overlaps, sourceFiles, type OffsetRanges } from './source-files.ts';

/** Size of a part's chunks: what a point read decodes. */
const CHUNK_BYTES = 32 << 10;
/** Chunks written in one call. */
const CHUNKS_PER_WRITE = 64;

export interface BuildTask {
  readonly view: View;
  readonly entry: Entry;
  readonly build: string;
  /** Part ids begin with it, so that a collector knows whose they are before there is an index (E14). */
  readonly candidate: string;
  readonly state: ArchiveState;
  readonly origins: readonly number[];
  readonly plan: ReturnType<typeof planBuild>;
  /** What the entry's corrections make of the archive. */
  readonly list: LoadedList;
  /** Paths of archive files that this run has compared with their manifest. */
  readonly checked: Set<string>;
  /** Called when a part is written and verified. */
  readonly partBuilt?: () => void;
}

export interface BuildResult {
  readonly index: BuildIndex;
  readonly partsBuilt: number;
  readonly partsShared: number;
  readonly rowsWritten: number;
  /** Records of the archive files that were folded, each time one was. */
  readonly recordsRead: number;
}

/** Folds the fresh parts, writes them, reads them back, and names them all in an index (E14, E15). */
export async function buildView(task: BuildTask, ports: BatchPorts, signal: AbortSignal): Promise<BuildResult> {
  const built = await buildParts(task, ports, signal);
  const { index } = built;
  await patiently(ports.clock, () => ports.store.parts.writeIndex(index), signal);
  await verifyIndex(index, ports, signal);
  return built;
}

/** The same without storing the index: parts that are the candidate's, and that nothing reads after it. */
export async function buildParts(task: BuildTask, ports: BatchPorts, signal: AbortSignal): Promise<BuildResult> {
  const parts: PartEntry[] = [...task.plan.shared];
  let rowsWritten = 0;
  let recordsRead = 0;
  for (const [number, planned] of task.plan.fresh.entries()) {
    const built = await buildPart(task, planned, `${task.candidate}.${task.view.name}.${number}`, ports, signal);
    rowsWritten += built.part.rows;
    recordsRead += built.recordsRead;
    parts.push(built.part);
    task.partBuilt?.();
  }
  const index: BuildIndex = { view: task.view.name, version: task.view.version, build: task.build, parts };
  const { fresh, shared } = task.plan;
  return { index, partsBuilt: fresh.length, partsShared: shared.length, rowsWritten, recordsRead };
}

/** `[origin, cut)` of every partition: what a build counts. */
export function buildRanges(entry: Entry, origins: readonly number[]): OffsetRanges {
  return origins.map((origin, partition) => ({ from: origin, to: entry.cut[partition] ?? origin }));
}

async function buildPart(
  task: BuildTask,
  planned: PlannedPart,
  part: string,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<{ readonly part: PartEntry; readonly recordsRead: number }> {
  const { view, state, list } = task;
  const { widthMs, from, to } = planned;
  const ranges = buildRanges(task.entry, task.origins);
  const found = correctedSources(ports.archive, state, ranges, list.overlay, (file) => overlaps(file, from, to));
  const known = withAddedFiles(state, list.overlay);
  const files = await checkedSources(found, known, view.stream, ports.archive, task.checked);
  const accumulator = createAccumulator(view, { widthMs });
  const job = { view, widthMs, files, panes: { from, to }, sliceSize: null };
  for await (const columns of ports.engine.fold(job, signal)) accumulator.addColumns(columns);
  const chunks = accumulator
    .toPieces(CHUNK_BYTES)
    .map((piece, number) => ({ number, ...piece, sha256: sha256(piece.bytes) }));
  for (let at = 0; at < chunks.length; at += CHUNKS_PER_WRITE) {
    const some = chunks.slice(at, at + CHUNKS_PER_WRITE);
    await patiently(ports.clock, () => ports.store.parts.writeChunks(part, some, signal), signal);
  }
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const entry = { part, widthMs, from, to, rows, sha256: partHash(chunks), chunks: chunks.length };
  await verifyPart(entry, ports, signal);
  const read = { stream: view.stream, files, known, within: { from, to } };
  return { part: entry, recordsRead: await recordsIn(read, ports.archive) };
}

/** Records of what is stored with events of the part, each counted once, however many ranges of a file are read. */
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

/** Reads a part back from the store: count and hash must be what was written. */
async function verifyPart(part: PartEntry, ports: BatchPorts, signal: AbortSignal): Promise<void> {
  const directory = await patiently(ports.clock, () => ports.store.parts.directory(part.part), signal);
  for (const { number, sha256: expected } of directory) {
    const bytes = await patiently(ports.clock, () => ports.store.parts.chunk(part.part, number), signal);
    if (bytes === null || sha256(bytes) !== expected)
      throw damaged(part, `chunk ${number} ${bytes === null ? 'is not there' : 'has other bytes'}`);
  }
  if (directory.length !== part.chunks || partHash(directory) !== part.sha256)
    throw damaged(part, `${directory.length} of ${part.chunks} chunks are there, or their hash differs`);
}

async function verifyIndex(index: BuildIndex, ports: BatchPorts, signal: AbortSignal): Promise<void> {
  const stored = await patiently(ports.clock, () => ports.store.parts.index(index.build), signal);
  if (stored === null || JSON.stringify(stored.parts) !== JSON.stringify(index.parts))
    throw new BatchError(
      'PART_DAMAGED',
      `the index of build ${index.build} reads back otherwise than it was written; the candidate is given up`,
      { retryable: true },
    );
}

function damaged(part: PartEntry, what: string): BatchError {
  return new BatchError(
    'PART_DAMAGED',
    `part ${part.part}: ${what}. The candidate is given up, the served release stays; run again.`,
    { retryable: true },
  );
}

function partHash(chunks: readonly Pick<PartChunk, 'sha256'>[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk.sha256);
  return hash.digest('hex');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * What lies between the base's cut and the new one decides which parts are dirty, with all that corrections in one of the
 * two lists touch (E14). The watermark is that of the log as it was written: a correction moves no retention.
 */
export async function planView(
  task: {
    readonly view: View;
    readonly entry: Omit<Entry, 'watermark'>;
    readonly base: Entry | null;
    readonly state: ArchiveState;
    readonly origins: readonly number[];
    readonly list: LoadedList;
    readonly checked: Set<string>;
    readonly again?: EventTimes | null;
    /** Nothing is shared with the base. */
    readonly fresh?: boolean;
  },
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<{
  readonly watermark: number | null;
  readonly plan: ReturnType<typeof planBuild>;
  readonly eventsSince: number;
}> {
  const { view, entry, base, origins } = task;
  const continues = base !== null && base.version === entry.version;
  const sharing = continues && task.fresh !== true;
  const ranges = origins.map((origin, p) => ({
    from: (sharing ? base.cut[p] : undefined) ?? origin,
    to: entry.cut[p] ?? origin,
  }));
  const files = await checkedSources(
    sourceFiles(ports.archive, task.state, ranges),
    task.state,
    view.stream,
    ports.archive,
    task.checked,
  );
  const survey = await ports.engine.survey({ view, files, bucketMs: surveyMs(view) }, signal);
  const seen = survey.maxEventTime === null ? null : survey.maxEventTime - view.stream.latenessMs;
  const before = continues ? base.watermark : null;
  const watermark = seen === null ? before : Math.max(seen, before ?? seen);
  const index =
    sharing && base.build !== null
      ? await patiently(ports.clock, () => ports.store.parts.index(base.build ?? ''), signal)
      : null;
  if (sharing && base.build !== null && index === null) throw await baseGone(view, base, ports, signal);
  const built = sharing && base.build !== null;
  const baseList = built
    ? await patiently(ports.clock, () => loadList(ports.archive, view.stream.name, base.corrections), signal)
    : null;
  const touched = touchedBetween(baseList?.corrections ?? [], task.list.corrections);
  const again = await bucketsAgain(task, index?.parts ?? [], ports, signal);
  const dirty = [...survey.buckets, ...bucketsOf(touched, surveyMs(view)), ...again];
  return {
    watermark,
    plan: planBuild(view, dirty, index?.parts ?? [], watermark),
    eventsSince: survey.applied,
  };
}

/** Buckets of an asked for time in which there are events below the cut, or parts of the base. */
async function bucketsAgain(
  { view, entry, state, origins, checked, again }: Parameters<typeof planView>[0],
  base: readonly PartEntry[],
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<number[]> {
  if (again === undefined || again === null) return [];
  const bucketMs = surveyMs(view);
  const ranges = origins.map((origin, p) => ({ from: origin, to: entry.cut[p] ?? origin }));
  const found = sourceFiles(ports.archive, state, ranges, (file) => overlaps(file, again.from, again.to));
  const files = await checkedSources(found, state, view.stream, ports.archive, checked);
  const { buckets } = await ports.engine.survey({ view, files, bucketMs }, signal);
  const finest = base.filter(({ widthMs }) => widthMs === view.levels[0]?.widthMs).map(({ from }) => from);
  return [...new Set([...buckets, ...finest])].filter((at) => at < again.to && at + bucketMs > again.from);
}

/** Why the index of a base's build is not there: its entry was let go of while the run planned, or the store lost it. */
async function baseGone(view: View, base: Entry, ports: BatchPorts, signal: AbortSignal): Promise<BatchError> {
  const row = await readControl(ports.store.control, ports.clock, signal);
  if (row !== null && !reachableBuilds(row).has(base.build ?? ''))
    return new BatchError(
      'BASE_COLLECTED',
      `view ${view.name}: build ${base.build}, from which this run set out, was replaced and collected meanwhile; the next run sets out from the live one`,
      { retryable: true },
    );
  return new BatchError(
    'PART_DAMAGED',
    `view ${view.name}: the index of the base's build ${base.build} is not in the store, though the control row names it; was the store restored? Build the view from the archive's beginning (twofold verify says more).`,
  );
}
