import type { Entry, Release } from '@twofold/releases';
import { isTwofoldError } from '@twofold/schemas';
import type { ViewStore } from '@twofold/view-store';
import { bucketOf, createAccumulator, sessionsReachBack, type Accumulator } from '@twofold/views';
import type { ByteCache } from './byte-cache.ts';
import { ReadError } from './errors.ts';
import type { NamedChunks } from './named-chunks.ts';
import { checkStillPinned, pinRelease } from './pin-release.ts';
import { planWindows } from './plan-windows.ts';
import type { PresentedCache } from './presented-cache.ts';
import type { BatchReader } from './read-batch.ts';
import { readPositions, type PartitionRead } from './read-positions.ts';
import type { ReadRequest, WindowPlan } from './read-request.ts';
import { readSpeed } from './read-speed.ts';

export type Layer = 'BATCH' | 'SPEED';

/** Merged panes, before windows are presented, with where they came from. Never changed once given. */
export interface MergedPanes {
  readonly plan: WindowPlan;
  /** Summed when they are first looked at. Throws TOO_MANY_ROWS then. */
  readonly panes: Accumulator;
  /** What `panes` is the sum of: equal names, equal panes. Null: too many keys to be named. */
  readonly name: string | null;
  /** Panes that start before it have expired: none of them is in the answer. Null: no pane has. */
  readonly keptFrom: number | null;
  readonly release: Release;
  readonly entry: Entry;
  readonly sequence: number;
  readonly partitions: readonly PartitionRead[];
  readonly layers: readonly Layer[];
}

export interface ReadPorts {
  readonly store: {
    /** The last read of an answer, which proves those before it. */
    readonly control: Pick<ViewStore['control'], 'read'>;
    readonly unproved: ViewStore['unproved'];
  };
  readonly batch: BatchReader;
  readonly cache: ByteCache;
  /** Rows that were presented before; without it every answer is merged anew. */
  readonly presented?: PresentedCache;
}

/**
 * Adds the batch view and the speed view at the release's cut: answer = batch + sum of the speed partials at or above
 * the cut. Read order is control row, progress, rows, control row again (E16).
 * @throws RELEASE_EXPIRED when the release is no longer restorable at the end; retried once on live. PART_MISSING: the store is damaged.
 */
export async function readView(request: ReadRequest, ports: ReadPorts): Promise<MergedPanes> {
  try {
    return await readOnce(request, ports);
  } catch (error) {
    const expired = error instanceof ReadError && error.code === 'RELEASE_EXPIRED';
    if (!expired || request.release !== null) throw error;
    return await readOnce(request, ports);
  }
}

async function readOnce(request: ReadRequest, ports: ReadPorts): Promise<MergedPanes> {
  try {
    return await readProved(request, ports);
  } catch (error) {
    request.signal?.throwIfAborted();
    // What failed may have read a store that is gone: then that is what there is to say.
    await ports.store.control.read(request.signal).catch((later: unknown) => {
      throw isTwofoldError(later) && later.code === 'STORE_GONE' ? later : error;
    });
    throw error;
  }
}

async function readProved(request: ReadRequest, ports: ReadPorts): Promise<MergedPanes> {
  const { view, layer, signal } = request;
  const first = planWindows(request);
  const { control, unproved } = ports.store;
  const pin = pinRelease(await unproved.control(signal), view, request.release);
  const { release, entry } = pin;
  const records = await unproved.progress({ view: view.name, version: entry.version }, signal);
  const positions = readPositions(pin, records, request);
  const buckets = bucketsFor(request);
  // All partitions at once: over servers each would be waited for.
  const sides = layer === 'BATCH' ? [] : positions.map((side) => ({ ...side, view, buckets, signal }));
  const read = await Promise.all(sides.map((side) => readSpeed(side, unproved, ports.cache)));
  const speed: NamedChunks = { names: read.flatMap(({ names }) => names), bytes: read.flatMap(({ bytes }) => bytes) };
  const keptFrom = keptFromOf(first, entry);
  const withBatch = async (plan: WindowPlan): Promise<NamedChunks> => {
    if (layer === 'SPEED' || entry.build === null) return speed;
    const batch = await ports.batch.read(entry.build, request.keys, plan, signal).catch(async (error: unknown) => {
      // Parts go when the release has gone; of a release that is there, none may be missing.
      checkStillPinned(pin, await control.read(signal));
      throw error;
    });
    return { names: [...speed.names, `build|${entry.build}`], bytes: [...speed.bytes, ...batch] };
  };
  const sum = (plan: WindowPlan, { bytes }: NamedChunks): Accumulator => sumChunks(request, plan, keptFrom, bytes);
  const { plan, chunks, summed } =
    first.window.kind === 'session'
      ? await wholeSessions(first, first.window.gapMs, { withBatch, sum, keptFrom })
      : { plan: first, chunks: await withBatch(first), summed: null };
  checkStillPinned(pin, await control.read(signal));
  let panes = summed;
  return {
    plan,
    get panes() {
      return (panes ??= sum(plan, chunks));
    },
    name: nameOf(request, plan, keptFrom, chunks.names),
    keptFrom,
    release,
    entry,
    sequence: pin.row.sequence,
    partitions: positions.map(({ partition, cut, claim, base, decisive }) => ({
      partition,
      cut,
      claim,
      base,
      decisive,
    })),
    layers: layer === 'MERGED' ? ['BATCH', 'SPEED'] : [layer],
  };
}

interface SessionRead {
  readonly withBatch: (plan: WindowPlan) => Promise<NamedChunks>;
  readonly sum: (plan: WindowPlan, chunks: NamedChunks) => Accumulator;
  readonly keptFrom: number | null;
}

/** Reads further and further back until no session of the answer can have an event that was not read (E25). */
async function wholeSessions(
  first: WindowPlan,
  gapMs: number,
  { withBatch, sum, keptFrom }: SessionRead,
): Promise<{ readonly plan: WindowPlan; readonly chunks: NamedChunks; readonly summed: Accumulator }> {
  for (let plan = first; ;) {
    const chunks = await withBatch(plan);
    const summed = sum(plan, chunks);
    const expired = keptFrom !== null && keptFrom >= plan.paneFrom;
    const reach = expired ? null : sessionsReachBack(summed, gapMs, plan);
    if (reach === null) return { plan, chunks, summed };
    const twice = plan.paneFrom - (plan.paneBelow - plan.paneFrom);
    plan = { ...plan, paneFrom: Math.floor(Math.min(reach, twice) / plan.widthMs) * plan.widthMs };
  }
}

/** Reads of more keys are rare, and their names long. */
const MAX_NAMED_KEYS = 16;

function nameOf(
  { view, keys, maxPanes = MAX_PANES }: ReadRequest,
  { widthMs, paneFrom, paneBelow }: WindowPlan,
  keptFrom: number | null,
  chunks: readonly string[],
): string | null {
  if (keys === null || keys.length > MAX_NAMED_KEYS) return null;
  const keyTexts = keys.map((key) => Buffer.from(key).toString('base64'));
  const asked = [view.name, view.version, maxPanes, widthMs, paneFrom, paneBelow, keptFrom];
  return [...asked, ...keyTexts, ...chunks].join(' ');
}

const MAX_PANES = 4_000_000;

function sumChunks(
  request: ReadRequest,
  plan: WindowPlan,
  keptFrom: number | null,
  chunks: readonly Uint8Array[],
): Accumulator {
  const { view, accepts = null, maxPanes = MAX_PANES } = request;
  const paneFrom = Math.max(plan.paneFrom, keptFrom ?? -Infinity);
  const sum = (keys: readonly Uint8Array[] | null): Accumulator => {
    const panes = createAccumulator(view, { widthMs: plan.widthMs });
    const filter = { ...(keys === null ? {} : { keys }), paneFrom, paneBelow: plan.paneBelow };
    for (const bytes of chunks) {
      panes.addChunk(bytes, filter);
      if (panes.rows > maxPanes) throw tooManyPanes(view.name, maxPanes);
    }
    return panes;
  };
  const panes = sum(request.keys);
  if (accepts === null || request.keys !== null) return panes;
  const keys: Uint8Array[] = [];
  for (const piece of panes.toPieces(1)) keys.push(piece.firstKey);
  return sum(keys.filter((key, i) => !sameBytes(key, keys[i - 1]) && accepts(key)));
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function tooManyPanes(view: string, maxPanes: number): ReadError {
  return new ReadError(
    'TOO_MANY_ROWS',
    `view ${view}: the keys and times that are asked for hold more than ${maxPanes} panes; ask for fewer keys, a shorter timeRange or a coarser grain`,
    { facts: { maxPanes } },
  );
}

/** A bucket that has expired is in no answer: its end is at or before the release's watermark minus `retain`. */
function keptFromOf(plan: WindowPlan, entry: Entry): number | null {
  if (plan.retainMs === null || entry.watermark === null) return null;
  return Math.floor((entry.watermark - plan.retainMs) / plan.widthMs) * plan.widthMs;
}

function bucketsFor(request: ReadRequest): readonly number[] | null {
  return request.keys === null ? null : [...new Set(request.keys.map((key) => bucketOf(request.view, key)))];
}
