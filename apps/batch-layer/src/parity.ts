import type { ArchiveState } from '@twofold/archive';
import { ceilTo, cutAt, floorTo, type ControlRow, type Entry, type LaneName } from '@twofold/releases';
import type { SpeedRow } from '@twofold/view-store';
import { createAccumulator, decodeKey, firstDifference, type View } from '@twofold/views';
import { noOverlay, type Runs } from '@twofold/corrections';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';
import { correctedSources } from './corrections/corrected-sources.ts';

/** One sealed slice in which the two layers disagree (E18). */
export interface ParityDifference {
  readonly view: string;
  readonly version: number;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  readonly bucket: number;
  /** Key and pane of the first partial that differs, for people. */
  readonly detail: string;
}

export interface ParityReport {
  readonly slicesCompared: number;
  /** Sealed below the cut in the log, but not yet folded by the speed layer. */
  readonly slicesNotReached: number;
  readonly differences: readonly ParityDifference[];
}

/** A sealed slice of the live release's cover: the remainder at its cut, or a base slice. */
interface SealedSlice {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Folds the uncorrected archive between live's cut and the new one slice by slice and compares it, byte for byte,
 * with the speed rows of the same slices (E18).
 */
export async function compareLayers(
  task: {
    readonly view: View;
    readonly live: Entry;
    readonly cut: readonly number[];
    readonly row: ControlRow;
    readonly state: ArchiveState;
    /** By partition: positions that redactions erased, in the speed layer too. */
    readonly erased?: ReadonlyMap<number, Runs>;
  },
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<ParityReport> {
  const { view } = task;
  const stream = task.row.streams[view.stream.name];
  if (stream === undefined) return { slicesCompared: 0, slicesNotReached: 0, differences: [] };
  const progress = await patiently(
    ports.clock,
    () => ports.store.progress.read({ view: view.name, version: task.live.version }, signal),
    signal,
  );
  const reached = (partition: number, lane: LaneName): number =>
    progress.find((p) => p.partition === partition && p.lane === lane)?.next ?? -1;
  const differences: ParityDifference[] = [];
  let slicesCompared = 0;
  let slicesNotReached = 0;
  for (let partition = 0; partition < stream.origins.length; partition++) {
    const from = cutAt(task.live.cut, partition, stream.origins);
    const to = cutAt(task.cut, partition, stream.origins);
    const sealed = sealedSlices(partition, from, to, stream.sliceSize);
    const ready = sealed.filter(
      ({ start, end }) => reached(partition, start % stream.sliceSize === 0 ? 'base' : `remainder:${start}`) >= end,
    );
    slicesNotReached += sealed.length - ready.length;
    slicesCompared += ready.length;
    for (const run of contiguousRuns(ready))
      differences.push(...(await compareRun(task, run, stream.sliceSize, ports, signal)));
  }
  return { slicesCompared, slicesNotReached, differences };
}

export function sealedSlices(partition: number, from: number, to: number, sliceSize: number): SealedSlice[] {
  const slices: SealedSlice[] = [];
  const edge = ceilTo(from, sliceSize);
  if (edge > from && edge <= to) slices.push({ partition, start: from, end: edge });
  for (let start = edge; start + sliceSize <= to; start += sliceSize)
    slices.push({ partition, start, end: start + sliceSize });
  return slices;
}

/** Slices compared in one job of the engine. */
const SLICES_PER_JOB = 64;

function contiguousRuns(slices: readonly SealedSlice[]): SealedSlice[][] {
  const runs: SealedSlice[][] = [];
  for (const slice of slices) {
    const last = runs.at(-1);
    if (last !== undefined && last.length < SLICES_PER_JOB && last.at(-1)?.end === slice.start) last.push(slice);
    else runs.push([slice]);
  }
  return runs;
}

async function compareRun(
  task: Pick<Parameters<typeof compareLayers>[0], 'view' | 'live' | 'state' | 'erased'>,
  run: readonly SealedSlice[],
  sliceSize: number,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<ParityDifference[]> {
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined) return [];
  const { view } = task;
  const { partition } = first;
  const batch = await foldSlices(task, { partition, from: first.start, to: last.end }, sliceSize, ports, signal);
  const query = {
    view: view.name,
    version: task.live.version,
    partition,
    buckets: null,
    startFrom: first.start,
    startBelow: last.end,
  };
  const rows = await patiently(ports.clock, () => ports.store.speedRows.read(query, signal), signal);
  return run.flatMap((slice) =>
    compareSlice(view, slice, batch.get(floorTo(slice.start, sliceSize)) ?? new Map(), rows),
  );
}

/** Slice start → bucket → chunk, as the batch engine folds them. */
async function foldSlices(
  task: Pick<Parameters<typeof compareLayers>[0], 'view' | 'state' | 'erased'>,
  range: { readonly partition: number; readonly from: number; readonly to: number },
  sliceSize: number,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<Map<number, Map<number, Uint8Array>>> {
  const { view, state, erased = noOverlay.erased } = task;
  const widthMs = view.levels[0]?.widthMs ?? 1;
  const ranges = state.origins.map((_, p) =>
    p === range.partition ? { from: range.from, to: range.to } : { from: 0, to: 0 },
  );
  const files = correctedSources(ports.archive, state, ranges, { ...noOverlay, dropped: erased });
  const job = { view, widthMs, files, panes: null, sliceSize };
  const bySlice = new Map<number, ReturnType<typeof createAccumulator>>();
  for await (const columns of ports.engine.fold(job, signal)) {
    for (const start of new Set(columns.slices ?? [])) {
      const accumulator = bySlice.get(start) ?? createAccumulator(view, { widthMs });
      accumulator.addColumns(columns, { slice: start });
      bySlice.set(start, accumulator);
    }
  }
  const chunks = new Map<number, Map<number, Uint8Array>>();
  for (const [start, accumulator] of bySlice)
    chunks.set(start, new Map(accumulator.toBucketChunks().map(({ bucket, bytes }) => [bucket, bytes])));
  return chunks;
}

function compareSlice(
  view: View,
  slice: SealedSlice,
  batch: ReadonlyMap<number, Uint8Array>,
  rows: readonly SpeedRow[],
): ParityDifference[] {
  const speed = new Map<number, Uint8Array>();
  for (const row of rows) if (row.start === slice.start && row.end === slice.end) speed.set(row.bucket, row.bytes);
  const differences: ParityDifference[] = [];
  for (const bucket of new Set([...speed.keys(), ...batch.keys()])) {
    const found = firstDifference(view, batch.get(bucket) ?? null, speed.get(bucket) ?? null);
    if (found === null) continue;
    const detail = `key ${JSON.stringify(decodeKey(view, found.key))}, pane ${found.pane}: batch ${found.left}, speed ${found.right}`;
    differences.push({ view: view.name, version: view.version, ...slice, bucket, detail });
  }
  return differences;
}
