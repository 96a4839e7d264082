import { ChunkCursor } from './chunk-cursor.ts';
import { ChunkEncoder } from './chunk-encoder.ts';
import { addColumns } from './accumulator-columns.ts';
import type { BucketChunk, Chunk, PartialColumns } from './partials.ts';
import { checkWidth, paneOf } from './pane-of.ts';
import { PartialTable } from './partial-table.ts';
import { encodeKeyOf, PieceWriter, type Piece } from './piece-writer.ts';
import { ProjectedChunks } from './projected-chunks.ts';
import type { ViewProjection } from './view-projection.ts';
import type { View } from './view.ts';
import { paneWidth } from './window-of.ts';

/** Which partials of a chunk count; all, unless told. */
export interface ChunkFilter {
  /** One key's bytes: found without reading the others. */
  readonly key?: Uint8Array;
  readonly keys?: readonly Uint8Array[];
  /** Only panes (of the chunk's own width) with `paneFrom <= start < paneBelow`. */
  readonly paneFrom?: number;
  readonly paneBelow?: number;
}

/** Which rows of columns with partitions and slices count; all, unless told. */
export interface ColumnsFilter {
  readonly partition?: number;
  /** Start of the slice. */
  readonly slice?: number;
}

/** Panes `from <= start < to`, milliseconds. */
export interface PaneRange {
  readonly from: number;
  readonly to: number;
}

const ALL_PANES: PaneRange = { from: -Infinity, to: Infinity };

/**
 * Sums partials of a view, of any source and in any order, in panes of `widthMs` milliseconds; finer panes are summed
 * into them, and intervals of sessions are joined, whatever the width. Holds flat arrays: about 32 bytes a partial and
 * 8 for each of its components.
 */
export function createAccumulator(view: View, options: { readonly widthMs: number }): Accumulator {
  return new Accumulator(view, options.widthMs);
}

/** See `createAccumulator`. */
export class Accumulator {
  readonly view: View;
  readonly widthMs: number;
  /** For the answer, in this package. */
  readonly table: PartialTable;
  private projected: ProjectedChunks | null = null;

  constructor(view: View, widthMs: number) {
    checkWidth(widthMs, 1);
    this.view = view;
    this.widthMs = paneWidth(view, widthMs);
    this.table = new PartialTable(view);
  }

  /** Partials held. */
  get rows(): number {
    return this.table.rows;
  }

  /** Throws `CHUNK_FORMAT_UNKNOWN`, `CHUNK_DAMAGED`, and `PANE_WIDTH_INVALID` when the chunk's panes are too wide. */
  addChunk(bytes: Uint8Array, filter: ChunkFilter = {}): void {
    const cursor = new ChunkCursor(bytes);
    checkWidth(this.widthMs, cursor.widthMs);
    const wanted = filter.keys ?? (filter.key === undefined ? null : [filter.key]);
    if (wanted === null) while (cursor.nextKey()) this.addKey(cursor, filter);
    else for (const key of wanted) if (cursor.seek(key)) this.addKey(cursor, filter);
  }

  /** The same of a chunk of another view, which determines this one (`projectionOf`). */
  addChunkOf(projection: ViewProjection, bytes: Uint8Array, range: PaneRange = ALL_PANES): void {
    if (this.projected?.projection !== projection)
      this.projected = new ProjectedChunks(projection, this.table, this.widthMs);
    this.projected.add(bytes, range);
  }

  /** Throws `COLUMNS_INVALID` when the columns are not of the view's shape. */
  addColumns(columns: PartialColumns, filter: ColumnsFilter = {}): void {
    addColumns(this.view, this.widthMs, this.table, columns, filter);
  }

  /** The partials by (key, pane) in chunks of about `targetBytes` each; none when there is no partial. */
  toPieces(targetBytes: number): Piece[] {
    return this.toPiecesIn([ALL_PANES], targetBytes)[0] ?? [];
  }

  /** The same of each of these ranges, which rise and do not overlap; partials that are in none of them are left out. */
  toPiecesIn(ranges: readonly PaneRange[], targetBytes: number): Piece[][] {
    const { table } = this;
    const writers = ranges.map(() => new PieceWriter(table, this.widthMs, targetBytes));
    this.eachKey(table.keys.sortedByBytes(), (key, slots) => {
      let at = 0;
      for (const [number, { from, to }] of ranges.entries()) {
        while (at < slots.length && (table.panes[slots[at] ?? 0] ?? 0) < from) at++;
        const start = at;
        while (at < slots.length && (table.panes[slots[at] ?? 0] ?? 0) < to) at++;
        if (at > start) writers[number]?.add(key, slots, start, at);
        if (at === slots.length) break;
      }
    });
    return writers.map((writer) => writer.finish());
  }

  /** A chunk for each bucket that has a partial, by bucket: what the speed rows of the same events hold. */
  toBucketChunks(): BucketChunk[] {
    const { table } = this;
    const chunks: BucketChunk[] = [];
    const encoder = new ChunkEncoder(this.widthMs);
    let bucket = -1;
    const cut = (): void => {
      if (encoder.rows > 0) chunks.push({ ...encoder.finish(), bucket });
    };
    this.eachKey(table.keys.sortedByBucket(), (key, slots) => {
      if (table.keys.buckets[key] !== bucket) {
        cut();
        bucket = table.keys.buckets[key] ?? 0;
      }
      encodeKeyOf(table, encoder, key, slots, 0, slots.length);
    });
    cut();
    return chunks;
  }

  /** All partials in one chunk. */
  toChunk(): Chunk {
    const encoder = new ChunkEncoder(this.widthMs);
    const { table } = this;
    this.eachKey(table.keys.sortedByBytes(), (key, slots) => encodeKeyOf(table, encoder, key, slots, 0, slots.length));
    return encoder.finish();
  }

  /** Forgets everything and keeps the memory. */
  clear(): void {
    this.table.clearAll();
  }

  private eachKey(keys: Int32Array, visit: (key: number, slots: Int32Array) => void): void {
    const slots = new Int32Array(this.table.rows);
    for (const key of keys) {
      const end = this.table.slotsOf(key, slots, 0);
      if (end > 0) visit(key, slots.subarray(0, end));
    }
  }

  private addKey(cursor: ChunkCursor, { paneFrom = -Infinity, paneBelow = Infinity }: ChunkFilter): void {
    const { table, widthMs } = this;
    const same = widthMs === cursor.widthMs;
    let key = -1;
    while (cursor.nextPane()) {
      const { pane } = cursor;
      if (pane >= paneBelow) {
        cursor.leaveKey();
        return;
      }
      if (pane < paneFrom) {
        table.read(cursor.reader, -1);
        continue;
      }
      if (key < 0) {
        key = table.keys.intern(cursor.key, 0, cursor.keyLength);
      }
      table.reserve(1);
      table.read(cursor.reader, table.slotOf(key, same ? pane : paneOf(pane, widthMs)));
    }
  }
}
