import { createHash } from 'node:crypto';
import type { ArchiveState, EventTimes } from '@twofold/archive';
import type { SourceFile } from '@twofold/batch-engine';
import type { Entry } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { BuildIndex, PartChunk, PartEntry } from '@twofold/view-store';
import { createAccumulator, type Piece, type View } from '@twofold/views';
import { correctedSources, withAddedFiles } from './corrections/corrected-sources.ts';
import type { LoadedList } from './corrections/load-list.ts';
import { BatchError } from './errors.ts';
import { GROUP_LIMITS, groupParts, type GroupLimits, type PartGroup } from './part-groups.ts';
import { patiently } from './patiently.ts';
import type { BuildPlan, PlannedPart } from './plan-build.ts';
import type { BatchPorts } from './ports.ts';
import { checkedSources, overlaps, type OffsetRanges } from './source-files.ts';

/** Size of a part's chunks: what a point read decodes. */
const CHUNK_BYTES = 32 << 10;
/** Chunks written in one call. */
const CHUNKS_PER_WRITE = 64;
/** Each part is folded by itself. */
const ALONE: GroupLimits = { records: 0, parts: 1 };

export interface BuildTask {
  readonly view: View;
  readonly entry: Entry;
  readonly build: string;
  /** Part ids begin with it, so that a collector knows whose they are before there is an index (E14). */
  readonly candidate: string;
  readonly state: ArchiveState;
  readonly origins: readonly number[];
  readonly plan: BuildPlan;
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

/**
 * Folds the fresh parts, writes them and reads them back; the index is not stored. Those that follow one another and hold
 * little are folded in one reading of the archive.
 */
export async function buildParts(task: BuildTask, ports: BatchPorts, signal: AbortSignal): Promise<BuildResult> {
  const { fresh, shared } = task.plan;
  const parts: PartEntry[] = [...shared];
  let recordsRead = 0;
  for (const group of groupsOf(task)) {
    const folded = await foldGroup(task, group, ports, signal);
    recordsRead += folded.recordsRead;
    for (const [number, pieces] of folded.pieces.entries()) {
      const planned = group.parts[number];
      if (planned === undefined) continue;
      // Ids begin with the candidate's, so that a collector knows whose they are before there is an index (E14).
      const id = `${task.candidate}.${task.view.name}.${parts.length - shared.length}`;
      parts.push(await writePart(id, planned, pieces, ports, signal));
      task.partBuilt?.();
    }
  }
  const index: BuildIndex = { view: task.view.name, version: task.view.version, build: task.build, parts };
  const rowsWritten = parts.slice(shared.length).reduce((sum, { rows }) => sum + rows, 0);
  return { index, partsBuilt: fresh.length, partsShared: shared.length, rowsWritten, recordsRead };
}

/** `[origin, cut)` of every partition: what a build counts. */
export function buildRanges(entry: Entry, origins: readonly number[]): OffsetRanges {
  return origins.map((origin, partition) => ({ from: origin, to: entry.cut[partition] ?? origin }));
}

function groupsOf({ view, plan, state }: BuildTask): PartGroup[] {
  // Sessions that meet at the edge of two parts would be joined there.
  return groupParts(plan.fresh, state.files, view.window.kind === 'session' ? ALONE : GROUP_LIMITS);
}

/** The partials of each part, in its chunks. */
async function foldGroup(
  task: BuildTask,
  { widthMs, from, to, parts }: PartGroup,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<{ readonly pieces: readonly Piece[][]; readonly recordsRead: number }> {
  const { view, state, list } = task;
  const ranges = buildRanges(task.entry, task.origins);
  const found = correctedSources(ports.archive, state, ranges, list.overlay, (file) => overlaps(file, from, to));
  const known = withAddedFiles(state, list.overlay);
  const files = await checkedSources(found, known, view.stream, ports.archive, task.checked);
  const accumulator = createAccumulator(view, { widthMs });
  const job = { view, widthMs, files, panes: { from, to }, sliceSize: null };
  for await (const columns of ports.engine.fold(job, signal)) accumulator.addColumns(columns);
  const read = { stream: view.stream, files, known, within: { from, to } };
  const recordsRead = await recordsIn(read, ports.archive);
  return { pieces: accumulator.toPiecesIn(parts, CHUNK_BYTES), recordsRead };
}

async function writePart(
  part: string,
  { widthMs, from, to }: PlannedPart,
  pieces: readonly Piece[],
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<PartEntry> {
  const chunks = pieces.map((piece, number) => ({ number, ...piece, sha256: sha256(piece.bytes) }));
  for (let at = 0; at < chunks.length; at += CHUNKS_PER_WRITE) {
    const some = chunks.slice(at, at + CHUNKS_PER_WRITE);
    await patiently(ports.clock, () => ports.store.parts.writeChunks(part, some, signal), signal);
  }
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const entry = { part, widthMs, from, to, rows, sha256: partHash(chunks), chunks: chunks.length };
  await verifyPart(entry, ports, signal);
  return entry;
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
