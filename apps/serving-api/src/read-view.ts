import {
  ceilTo,
  coverOf,
  cutAt,
  entryOf,
  floorTo,
  releaseOf,
  type ControlRow,
  type Cover,
  type Entry,
  type LaneName,
  type Release,
} from '@twofold/releases';
import type { ProgressRecord, ViewStore } from '@twofold/view-store';
import { bucketOf, createAccumulator, type Accumulator } from '@twofold/views';
import type { ByteCache } from './byte-cache.ts';
import { ReadError } from './errors.ts';
import { planWindows } from './plan-windows.ts';
import type { BatchReader } from './read-batch.ts';
import type { ReadRequest, WindowPlan } from './read-request.ts';
import { readSpeed } from './read-speed.ts';

/** What one partition contributed. */
export interface PartitionRead {
  readonly partition: number;
  readonly cut: number;
  /** Everything below it is in the answer (E22): the speed position, or the cut when only batch was asked for. */
  readonly claim: number;
  /** Progress of the base chain; null: none recorded. For freshness. */
  readonly progress: ProgressRecord | null;
}

/** Merged panes, before windows are presented, with where they came from. */
export interface MergedPanes {
  readonly plan: WindowPlan;
  readonly panes: Accumulator;
  readonly release: Release;
  readonly entry: Entry;
  readonly sequence: number;
  readonly partitions: readonly PartitionRead[];
  readonly layers: readonly ('BATCH' | 'SPEED')[];
}

export interface ReadPorts {
  readonly store: ViewStore;
  readonly batch: BatchReader;
  readonly cache: ByteCache;
}

/**
 * Adds the batch view and the speed view at the release's cut: answer = batch + sum of the speed partials at or above
 * the cut. Read order is control row, progress, rows, control row again (E16).
 * @throws RELEASE_EXPIRED when the release is no longer restorable at the end; retried once on live
 */
export async function readView(request: ReadRequest, ports: ReadPorts): Promise<MergedPanes> {
  try {
    return await readOnce(request, ports);
  } catch (error) {
    const expired = error instanceof ReadError && (error.code === 'RELEASE_EXPIRED' || error.code === 'PART_MISSING');
    if (!expired || request.release !== null) throw error;
    return await readOnce(request, ports);
  }
}

async function readOnce(request: ReadRequest, ports: ReadPorts): Promise<MergedPanes> {
  const plan = planWindows(request);
  const { view } = request;
  const row = await ports.store.control.read();
  const { release, entry } = pin(row, request);
  const stream = row?.streams[view.stream.name];
  if (row === null || stream === undefined) throw notReady(view.name);
  const progress = await ports.store.progress.read({ view: view.name, version: entry.version });
  const panes = createAccumulator(view, { widthMs: plan.widthMs });
  const bounds = retained(plan, entry);
  const keys = request.keys === null ? {} : { keys: request.keys };
  const add = (chunks: readonly Uint8Array[]): void => {
    for (const bytes of chunks) panes.addChunk(bytes, { ...keys, ...bounds });
  };
  const partitions: PartitionRead[] = [];
  for (let partition = 0; partition < stream.origins.length; partition++) {
    const cut = cutAt(entry.cut, partition, stream.origins);
    const cover = coverFor(cut, stream.sliceSize, partition, progress);
    const base = progress.find((p) => p.partition === partition && p.lane === 'base') ?? null;
    const claim = request.layer === 'BATCH' ? cut : claimOf(cover, cut, request.positions?.[partition] ?? null);
    partitions.push({ partition, cut, claim, progress: base });
    if (request.layer === 'BATCH') continue;
    const openFrom = Math.max(ceilTo(cut, stream.sliceSize), floorTo(base?.next ?? 0, stream.sliceSize));
    add(
      await readSpeed(
        {
          view,
          partition,
          cover,
          buckets: bucketsFor(request),
          below: request.positions?.[partition] ?? null,
          openFrom,
        },
        ports.store,
        ports.cache,
      ),
    );
  }
  if (request.layer !== 'SPEED' && entry.build !== null) add(await ports.batch.read(entry.build, request.keys, plan));
  const after = await ports.store.control.read();
  if (after === null || after.incarnation !== row.incarnation || after.entries[entry.id] === undefined)
    throw new ReadError('RELEASE_EXPIRED', `release ${release.id} was dropped while it was read`, { retryable: true });
  const layers = (['BATCH', 'SPEED'] as const).filter((layer) => request.layer === 'MERGED' || request.layer === layer);
  return { plan, panes, release, entry, sequence: row.sequence, partitions, layers };
}

function notReady(view: string): ReadError {
  return new ReadError(
    'VIEW_NOT_READY',
    `view ${view} has no release yet: it is registered, and its first build has not been promoted. See twofold runs.`,
    { retryable: true },
  );
}

/** One release for the whole request (E16): the asked one, else live. */
function pin(row: ControlRow | null, request: ReadRequest): { release: Release; entry: Entry } {
  if (row === null) throw notReady(request.view.name);
  const release = releaseOf(row, request.release ?? row.live);
  if (release === null)
    throw new ReadError(
      'RELEASE_EXPIRED',
      `release ${request.release ?? ''} is no longer readable; ask again without its cursor`,
    );
  const entry = entryOf(row, release, request.view.name);
  if (entry === null && release.entries[request.view.name] !== undefined)
    throw new ReadError(
      'RELEASE_EXPIRED',
      `release ${release.id} is no longer readable for view ${request.view.name}; ask again without its cursor`,
    );
  if (entry === null || entry.version !== request.view.version) throw notReady(request.view.name);
  return { release, entry };
}

function coverFor(cut: number, sliceSize: number, partition: number, progress: readonly ProgressRecord[]): Cover {
  const next = (lane: LaneName): number | null =>
    progress.find((p) => p.partition === partition && p.lane === lane)?.next ?? null;
  return coverOf(cut, sliceSize, {
    base: next('base'),
    remainder: next(`remainder:${cut}`),
    wide: [next('wide:1'), next('wide:2')],
  });
}

/** A snapshot's vector must lie at or above every cut and at or below every claim (E16). */
function claimOf(cover: Cover, cut: number, position: number | null): number {
  if (position === null) return cover.claim;
  if (position < cut || position > cover.claim)
    throw new ReadError(
      'SNAPSHOT_EXPIRED',
      `the snapshot's position ${position} is not between the cut ${cut} and the position ${cover.claim} that is proved; ask again without the cursor`,
      { retryable: true },
    );
  return position;
}

/** A bucket that has expired is in no answer: its end is at or before the release's watermark minus `retain`. */
function retained(plan: WindowPlan, entry: Entry): { paneFrom: number; paneBelow: number } {
  if (plan.retainMs === null || entry.watermark === null) return { paneFrom: plan.paneFrom, paneBelow: plan.paneBelow };
  const firstKept = Math.floor((entry.watermark - plan.retainMs) / plan.widthMs) * plan.widthMs;
  return { paneFrom: Math.max(plan.paneFrom, firstKept), paneBelow: plan.paneBelow };
}

function bucketsFor(request: ReadRequest): readonly number[] | null {
  return request.keys === null ? null : [...new Set(request.keys.map((key) => bucketOf(request.view, key)))];
}
