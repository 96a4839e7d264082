import type { CoverSpan } from '@twofold/releases';
import type { SpeedRow, UnprovedReads } from '@twofold/view-store';
import type { View } from '@twofold/views';
import type { ByteCache } from './byte-cache.ts';
import type { NamedChunks } from './named-chunks.ts';
import type { SpeedSide } from './read-positions.ts';

export interface SpeedRead extends SpeedSide {
  readonly view: View;
  readonly partition: number;
  /** Null: all buckets. */
  readonly buckets: readonly number[] | null;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The chunks of exactly the speed rows that a cover names (E3, E24). Slices that can not change any more come from
 * memory when they were read before; the open end is read from the store each time.
 */
export async function readSpeed(
  read: SpeedRead,
  store: Pick<UnprovedReads, 'speedRows'>,
  cache: ByteCache,
): Promise<NamedChunks> {
  const chunks: NamedChunks = { names: [], bytes: [] };
  const { remainder, spans } = read.cover;
  if (remainder !== null && (read.below === null || remainder.end <= read.below)) {
    const span = { widthOffsets: remainder.end - remainder.start, from: remainder.start, below: remainder.start + 1 };
    // Spans are empty while the remainder has not reached its end: until then its row still grows.
    await readRange(
      { ...read, openFrom: spans.length === 0 ? remainder.start : remainder.end },
      span,
      store,
      cache,
      chunks,
    );
  }
  for (const span of spans) {
    const below = read.below === null ? span.below : Math.min(span.below, read.below - span.widthOffsets + 1);
    if (below > span.from) await readRange(read, { ...span, below }, store, cache, chunks);
  }
  return chunks;
}

async function readRange(
  read: SpeedRead,
  span: CoverSpan,
  store: Pick<UnprovedReads, 'speedRows'>,
  cache: ByteCache,
  chunks: NamedChunks,
): Promise<void> {
  const { widthOffsets } = span;
  let from = span.from;
  // Sealed slices that are remembered need no read; the first that is not decides where reading begins.
  while (isSealed(read, span, from) && remembered(read, widthOffsets, from, cache, chunks)) from += widthOffsets;
  if (from >= span.below) return;
  const { name: view, version, stream } = read.view;
  const { partition, buckets } = read;
  // What is proved lies below the end of the open slice; rows that begin later add nothing to it.
  const startBelow = Math.min(span.below, read.openFrom + stream.sliceSize);
  const query = { view, version, partition, buckets, startFrom: from, startBelow };
  const rows = await store.speedRows(query, read.signal);
  const wanted = rows.filter((row) => row.end - row.start === widthOffsets);
  for (const row of wanted) {
    const { start, bucket, appliedOffset } = row;
    chunks.names.push(`${cacheKey(read, widthOffsets, start, bucket)}|${appliedOffset}`);
    chunks.bytes.push(row.bytes);
  }
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
function remembered(read: SpeedRead, width: number, start: number, cache: ByteCache, chunks: NamedChunks): boolean {
  const before = chunks.bytes.length;
  for (const bucket of bucketsOf(read)) {
    const name = cacheKey(read, width, start, bucket);
    const bytes = cache.get(name);
    if (bytes === undefined) {
      chunks.bytes.length = chunks.names.length = before;
      return false;
    }
    if (bytes === null) continue;
    chunks.names.push(name);
    chunks.bytes.push(bytes);
  }
  return true;
}

function remember(read: SpeedRead, span: CoverSpan, from: number, rows: readonly SpeedRow[], cache: ByteCache): void {
  const byPlace = new Map(rows.map((row) => [`${row.start}|${row.bucket}`, row.bytes]));
  for (let start = from; isSealed(read, span, start); start += span.widthOffsets)
    for (const bucket of bucketsOf(read))
      cache.set(cacheKey(read, span.widthOffsets, start, bucket), byPlace.get(`${start}|${bucket}`) ?? null);
}
