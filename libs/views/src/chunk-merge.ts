import { ChunkCursor } from './chunk-cursor.ts';
import { ChunkEncoder } from './chunk-encoder.ts';
import { compareRanges } from './key.ts';
import type { Chunk } from './partials.ts';
import { checkWidth, paneOf } from './pane-of.ts';
import { PartialTable } from './partial-table.ts';
import type { View } from './view.ts';
import { paneWidth } from './window-of.ts';

/** Sums the chunks of one bucket into one (wide slices, E24). Their panes may differ in width: the widest is the result's. */
export function mergeChunks(view: View, chunks: readonly Uint8Array[]): Chunk {
  const merge = new ChunkMerge(view, chunks);
  merge.step(Infinity);
  return merge.finish();
}

/**
 * The same in steps, so that a long merge leaves room for other work. Chunks are sorted, so that it walks all of them
 * side by side and holds the partials of one key only.
 */
export class ChunkMerge {
  /** Those that are not at their end; each stands at a key. */
  private cursors: ChunkCursor[];
  private readonly encoder: ChunkEncoder;
  private readonly table: PartialTable;
  private slots = new Int32Array(64);

  /** Throws `CHUNK_FORMAT_UNKNOWN`, `CHUNK_DAMAGED`, and `PANE_WIDTH_INVALID` when no width is a multiple of all others. */
  constructor(view: View, chunks: readonly Uint8Array[]) {
    const cursors = chunks.map((bytes) => new ChunkCursor(bytes));
    const finest = paneWidth(view, view.levels[0]?.widthMs ?? 1);
    const widthMs = cursors.reduce((widest, cursor) => Math.max(widest, cursor.widthMs), finest);
    for (const cursor of cursors) checkWidth(widthMs, cursor.widthMs);
    this.cursors = cursors.filter((cursor) => cursor.nextKey());
    this.encoder = new ChunkEncoder(widthMs);
    this.table = new PartialTable(view);
  }

  /** Merges the next keys, about so many partials; true when nothing is left. Throws `CHUNK_DAMAGED`. */
  step(partials: number): boolean {
    for (let done = 0; done < partials && this.cursors.length > 0;) done += this.mergeKey();
    return this.cursors.length === 0;
  }

  /** The sum, once `step` has said that nothing is left. */
  finish(): Chunk {
    return this.encoder.finish();
  }

  /** Returns how many partials it had in all chunks. */
  private mergeKey(): number {
    const lowest = this.lowest();
    const key = lowest.key.slice(0, lowest.keyLength);
    let read = 0;
    let ended = false;
    for (const cursor of this.cursors) {
      if (cursor !== lowest && compareRanges(cursor.key, 0, cursor.keyLength, key, 0, key.length) !== 0) continue;
      read += this.readPanes(cursor);
      if (!cursor.nextKey()) ended = true;
    }
    if (ended) this.cursors = this.cursors.filter((cursor) => !cursor.ended);
    this.write(key);
    return read;
  }

  private lowest(): ChunkCursor {
    return this.cursors.reduce((least, cursor) =>
      compareRanges(cursor.key, 0, cursor.keyLength, least.key, 0, least.keyLength) < 0 ? cursor : least,
    );
  }

  private readPanes(cursor: ChunkCursor): number {
    const table = this.table;
    const { widthMs } = this.encoder;
    while (cursor.nextPane()) {
      table.reserve(1);
      table.read(cursor.reader, table.slotOf(0, paneOf(cursor.pane, widthMs)));
    }
    return cursor.panes;
  }

  private write(key: Uint8Array): void {
    const encoder = this.encoder;
    const table = this.table;
    if (this.slots.length < table.rows) this.slots = new Int32Array(table.rows * 2);
    const end = table.slotsOf(0, this.slots, 0);
    encoder.key(key, 0, key.length);
    for (let i = 0; i < end; i++) {
      const slot = this.slots[i] ?? 0;
      encoder.pane(table.panes[slot] ?? 0);
      table.write(encoder, slot);
    }
    encoder.closeKey();
    table.clear();
  }
}
