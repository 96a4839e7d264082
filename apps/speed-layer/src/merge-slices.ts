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
import { mergeChunks, type View } from '@twofold/views';
import type { SpeedPorts } from './partition-worker.ts';

/** How often sealed slices are looked for. */
const MERGE_MS = 1_000;

/** Levels of wide slices: 16 and 256 base slices. More are not read faster than they cost. */
export const WIDE_LEVELS = 2;

/**
 * Keeps fan-in bounded (E24): merges sealed slices into wider ones beside them, level by level: rows first, then the
 * level's own progress ("merged through"). Deletes nothing. A run that fails is repeated by the next.
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

function foldedViews(row: ControlRow, views: readonly View[]): View[] {
  const named = new Set(foldedEntries(row).map(viewVersionKey));
  return views.filter((view) => named.has(viewVersionKey({ view: view.name, version: view.version })));
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
  const { view, partition, floor, sliceSize } = task;
  const of = { view: view.name, version: view.version };
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
      const rows = await ports.store.speedRows.read(
        { ...of, partition, buckets: null, startFrom: start, startBelow: start + width },
        signal,
      );
      await ports.store.speedRows.write(widen(view, rows, start, start + width), signal);
      await ports.store.progress.write([{ ...base, lane, next: start + width }], signal);
      written++;
    }
    sealed = start;
  }
  return written;
}

/** One wide row a bucket, from the rows of the next narrower width that tile `[start, end)`. */
function widen(view: View, rows: readonly SpeedRow[], start: number, end: number): SpeedRow[] {
  const narrow = (end - start) / WIDE_FAN_IN;
  const chunks = new Map<number, Uint8Array[]>();
  for (const row of rows) {
    if (row.end - row.start !== narrow || row.start % narrow !== 0) continue;
    const bucket = chunks.get(row.bucket) ?? [];
    bucket.push(row.bytes);
    chunks.set(row.bucket, bucket);
  }
  return [...chunks].map(([bucket, bytes]) => ({
    view: view.name,
    version: view.version,
    partition: rows[0]?.partition ?? 0,
    start,
    end,
    bucket,
    appliedOffset: end,
    bytes: mergeChunks(view, bytes).bytes,
  }));
}
