import {
  ceilTo,
  type ControlRow,
  cutAt,
  foldedEntries,
  viewVersionKey,
  WIDE_FAN_IN,
  widthOf,
  type LaneName,
} from '@twofold/releases';
import { type Stream, TwofoldError } from '@twofold/schemas';
import type { ProgressRecord, SpeedRow } from '@twofold/view-store';
import { ChunkMerge, type Chunk, type View } from '@twofold/views';
import { builtOtherwise } from './check-registered.ts';
import type { SpeedPorts } from './partition-worker.ts';

/** How often sealed slices are looked for. */
const MERGE_MS = 1_000;

/** Partials merged in one turn: a few milliseconds, in which nothing else of the process runs. */
const TURN_PARTIALS = 4_096;
/** About so many bytes of rows are read and merged at a time; as many buckets as have them. */
const READ_BYTES = 2 << 20;

/** Levels of wide slices: 16 and 256 base slices. More are not read faster than they cost. */
export const WIDE_LEVELS = 2;

/**
 * Keeps fan-in bounded (E24): merges sealed slices into wider ones beside them, level by level: rows first, then the
 * level's own progress ("merged through"). Deletes nothing. A run that fails is repeated by the next. It works in short
 * turns and small writes, so that the folds go on meanwhile.
 */
export async function mergeSlices(
  streams: readonly Stream[],
  views: readonly View[],
  ports: SpeedPorts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await ports.clock.sleep(MERGE_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await mergeOnce(streams, views, ports, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof TwofoldError) || !error.retryable) throw error;
    }
  }
}

/** One pass over every view version that the control row folds. Returns how many wide slices were written. */
export async function mergeOnce(
  streams: readonly Stream[],
  views: readonly View[],
  ports: SpeedPorts,
  signal: AbortSignal,
): Promise<number> {
  const row = await ports.store.control.read(signal);
  if (row === null) return 0;
  let written = 0;
  for (const view of foldedViews(row, views)) {
    const stream = streams.find((s) => s.name === view.stream.name);
    const state = stream === undefined ? undefined : row.streams[stream.name];
    if (state === undefined) continue;
    const progress = await ports.store.progress.read({ view: view.name, version: view.version }, signal);
    for (let partition = 0; partition < state.origins.length; partition++) {
      const floor = cutAt(
        row.floors[viewVersionKey({ view: view.name, version: view.version })] ?? [],
        partition,
        state.origins,
      );
      written += await mergePartition({ view, partition, floor, sliceSize: state.sliceSize }, progress, ports, signal);
    }
  }
  return written;
}

/** A view that was built by another declaration is left alone here as well: its workers tell why they stand still. */
function foldedViews(row: ControlRow, views: readonly View[]): View[] {
  const named = new Set(foldedEntries(row).map(viewVersionKey));
  const isNamed = (view: View): boolean => named.has(viewVersionKey({ view: view.name, version: view.version }));
  return views.filter((view) => isNamed(view) && builtOtherwise(row, view) === null);
}

interface MergeTask {
  readonly view: View;
  readonly partition: number;
  readonly floor: number;
  readonly sliceSize: number;
}

async function mergePartition(
  task: MergeTask,
  progress: readonly ProgressRecord[],
  ports: SpeedPorts,
  signal: AbortSignal,
): Promise<number> {
  const { partition, floor, sliceSize } = task;
  const reached = (lane: LaneName): ProgressRecord | undefined =>
    progress.find((p) => p.partition === partition && p.lane === lane);
  const base = reached('base');
  if (base === undefined) return 0;
  let sealed = base.next;
  let written = 0;
  for (let level = 1; level <= WIDE_LEVELS; level++) {
    const lane: LaneName = `wide:${level}`;
    const width = widthOf(level, sliceSize);
    let start = Math.max(reached(lane)?.next ?? 0, ceilTo(floor, width));
    for (; start + width <= sealed && !signal.aborted; start += width) {
      await widen({ ...task, start, end: start + width }, ports, signal);
      await ports.store.progress.write([{ ...base, lane, next: start + width }], signal);
      written++;
    }
    sealed = start;
  }
  return written;
}

/** Writes one wide row a bucket, a few buckets at a time. */
async function widen(
  task: MergeTask & { readonly start: number; readonly end: number },
  ports: SpeedPorts,
  signal: AbortSignal,
): Promise<void> {
  const { view, partition, start, end } = task;
  const { store } = ports;
  const of = { view: view.name, version: view.version, partition };
  let atOnce = 1;
  for (let bucket = 0; bucket < view.buckets;) {
    const buckets = Array.from({ length: Math.min(atOnce, view.buckets - bucket) }, (_, i) => bucket + i);
    const rows = await store.speedRows.read({ ...of, buckets, startFrom: start, startBelow: end }, signal);
    const wide: SpeedRow[] = [];
    for (const [number, chunks] of narrowChunks(rows, (end - start) / WIDE_FAN_IN)) {
      const { bytes } = await mergeInTurns(view, chunks, ports, signal);
      wide.push({ ...of, start, end, bucket: number, appliedOffset: end, bytes });
    }
    await store.speedRows.write(wide, signal);
    bucket += buckets.length;
    const readBytes = rows.reduce((sum, row) => sum + row.bytes.byteLength, 0);
    if (2 * readBytes < READ_BYTES) atOnce *= 2;
    else if (readBytes > READ_BYTES) atOnce = Math.max(1, atOnce >> 1);
  }
}

/** By bucket, the chunks of the rows of a width that tile what they are merged into. */
function narrowChunks(rows: readonly SpeedRow[], narrow: number): Map<number, Uint8Array[]> {
  const chunks = new Map<number, Uint8Array[]>();
  for (const row of rows) {
    if (row.end - row.start !== narrow || row.start % narrow !== 0) continue;
    const bucket = chunks.get(row.bucket) ?? [];
    bucket.push(row.bytes);
    chunks.set(row.bucket, bucket);
  }
  return chunks;
}

async function mergeInTurns(
  view: View,
  chunks: readonly Uint8Array[],
  ports: SpeedPorts,
  signal: AbortSignal,
): Promise<Chunk> {
  const merge = new ChunkMerge(view, chunks);
  while (!merge.step(TURN_PARTIALS)) await ports.clock.sleep(0, signal);
  return merge.finish();
}
