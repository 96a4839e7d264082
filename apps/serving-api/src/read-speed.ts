import type { Cover, CoverSpan } from '@twofold/releases';
import type { SpeedRow, ViewStore } from '@twofold/view-store';
import type { View } from '@twofold/views';
import type { ByteCache } from './byte-cache.ts';

export interface SpeedRead {
  readonly view: View;
  readonly partition: number;
  readonly cover: Cover;
  /** Null: all buckets. */
  readonly buckets: readonly number[] | null;
  /** Slices that end above it are left out (a snapshot); null: none are. */
  readonly below: number | null;
  /** Start of the first slice that may still change. */
  readonly openFrom: number;
}

/**
 * The chunks of exactly the speed rows that a cover names (E3, E24). Sealed slices are immutable and come from memory
 * when they were read before; the open end is read from the store each time.
 */
export async function readSpeed(
  read: SpeedRead,
  store: Pick<ViewStore, 'speedRows'>,
  cache: ByteCache,
): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const { remainder } = read.cover;
  if (remainder !== null && (read.below === null || remainder.end <= read.below))
    await readRange(
      read,
      { widthOffsets: remainder.end - remainder.start, from: remainder.start, below: remainder.start + 1 },
      store,
      cache,
      chunks,
    );
  for (const span of read.cover.spans) {
    const below = read.below === null ? span.below : Math.min(span.below, read.below - span.widthOffsets + 1);
    if (below > span.from) await readRange(read, { ...span, below }, store, cache, chunks);
  }
  return chunks;
}

async function readRange(
  read: SpeedRead,
  span: CoverSpan,
  store: Pick<ViewStore, 'speedRows'>,
  cache: ByteCache,
  chunks: Uint8Array[],
): Promise<void> {
  const { widthOffsets } = span;
  let from = span.from;
  // Sealed slices that are remembered need no read; the first that is not decides where reading begins.
  while (isSealed(read, span, from) && remembered(read, widthOffsets, from, cache, chunks)) from += widthOffsets;
  if (from >= span.below) return;
  const { name: view, version } = read.view;
  const { partition, buckets } = read;
  const rows = await store.speedRows.read({
    view,
    version,
    partition,
    buckets,
    startFrom: from,
    startBelow: span.below,
  });
  const wanted = rows.filter((row) => row.end - row.start === widthOffsets);
  for (const row of wanted) chunks.push(row.bytes);
  remember(read, span, from, wanted, cache);
}

/** The slice lies in the span and can not change any more: its lane's progress is past its end. */
function isSealed(read: SpeedRead, span: CoverSpan, start: number): boolean {
  return start < span.below && start + span.widthOffsets <= read.openFrom;
}

function cacheKey(read: SpeedRead, width: number, start: number, bucket: number): string {
  return `${read.view.name}@${read.view.version}|${read.partition}|${width}|${start}|${bucket}`;
}

function bucketsOf(read: SpeedRead): readonly number[] {
  return read.buckets ?? Array.from({ length: read.view.buckets }, (_, bucket) => bucket);
}

/** Adds the chunks of one sealed slice when every asked bucket of it is in memory. */
function remembered(read: SpeedRead, width: number, start: number, cache: ByteCache, chunks: Uint8Array[]): boolean {
  const found: Uint8Array[] = [];
  for (const bucket of bucketsOf(read)) {
    const bytes = cache.get(cacheKey(read, width, start, bucket));
    if (bytes === undefined) return false;
    if (bytes !== null) found.push(bytes);
  }
  chunks.push(...found);
  return true;
}

function remember(read: SpeedRead, span: CoverSpan, from: number, rows: readonly SpeedRow[], cache: ByteCache): void {
  const byPlace = new Map(rows.map((row) => [`${row.start}|${row.bucket}`, row.bytes]));
  for (let start = from; isSealed(read, span, start); start += span.widthOffsets)
    for (const bucket of bucketsOf(read))
      cache.set(cacheKey(read, span.widthOffsets, start, bucket), byPlace.get(`${start}|${bucket}`) ?? null);
}
