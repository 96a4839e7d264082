import type { PaneRange } from './accumulator.ts';
import { ChunkCursor } from './chunk-cursor.ts';
import { ChunkReader } from './chunk-reader.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { createState, hasPresence, type ComponentState } from './component-state.ts';
import { KeyCondition } from './key-condition.ts';
import { checkWidth, paneOf } from './pane-of.ts';
import type { PartialTable } from './partial-table.ts';
import type { ViewProjection } from './view-projection.ts';

/** Adds chunks of one view to the partials of another that it determines, without values between: keys are cut out of keys. */
export class ProjectedChunks {
  readonly #table: PartialTable;
  readonly #widthMs: number;
  readonly projection: ViewProjection;
  /** By component of the chunk: where it is added; null: it is passed over. */
  readonly #into: readonly (ComponentState | null)[];
  /** The base's own, which hold nothing and know how to pass over what they would write. */
  readonly #own: readonly ComponentState[];
  readonly #hasPresence: readonly boolean[];
  readonly #extremes: number;
  /** Null: every key is added. */
  readonly #condition: KeyCondition | null;
  readonly #key = new ChunkWriter();
  /** By dimension of the chunk: its bytes in the current key are `[starts[i], starts[i + 1])`. */
  readonly #starts: Int32Array;

  constructor(projection: ViewProjection, table: PartialTable, widthMs: number) {
    this.#table = table;
    this.#widthMs = widthMs;
    this.projection = projection;
    const { base, where, components } = projection;
    this.#condition = where === null ? null : new KeyCondition(base, where);
    this.#into = components.map((place) => (place < 0 ? null : (table.states[place] ?? null)));
    this.#own = base.components.map(createState);
    this.#hasPresence = this.#own.map(hasPresence);
    this.#extremes = this.#hasPresence.filter(Boolean).length;
    this.#starts = new Int32Array(base.dimensions.length + 1);
  }

  /** Throws `CHUNK_FORMAT_UNKNOWN`, `CHUNK_DAMAGED`, and `PANE_WIDTH_INVALID` when the chunk's panes are too wide. */
  add(bytes: Uint8Array, { from, to }: PaneRange): void {
    const cursor = new ChunkCursor(bytes);
    checkWidth(this.#widthMs, cursor.widthMs);
    while (cursor.nextKey())
      if (this.#isWanted(cursor)) this.#addKey(cursor, from, to);
      else cursor.leaveKey();
  }

  #isWanted({ key, keyLength }: ChunkCursor): boolean {
    return this.#condition?.holds(new ChunkReader(key, 0, keyLength)) ?? true;
  }

  #addKey(cursor: ChunkCursor, from: number, to: number): void {
    let key = -1;
    while (cursor.nextPane()) {
      const { pane } = cursor;
      if (pane < from || pane >= to) {
        this.#read(cursor.reader, -1);
        continue;
      }
      if (key < 0) key = this.#keyOf(cursor);
      this.#table.reserve(1);
      this.#read(cursor.reader, this.#table.slotOf(key, paneOf(pane, this.#widthMs)));
    }
  }

  /** The id of the key that has the view's dimensions of the cursor's key. */
  #keyOf({ key, keyLength }: ChunkCursor): number {
    const reader = new ChunkReader(key, 0, keyLength);
    const { base, dimensions } = this.projection;
    const starts = this.#starts;
    for (const [i, { expr }] of base.dimensions.entries()) {
      starts[i] = reader.at;
      if (reader.byte() === 0) continue;
      if (expr.type.kind === 'text') reader.skip(reader.varint());
      else reader.skipVarint();
    }
    starts[base.dimensions.length] = reader.at;
    const into = this.#key;
    into.at = 0;
    into.ensure(keyLength * dimensions.length);
    for (const place of dimensions) into.raw(key, starts[place] ?? 0, starts[place + 1] ?? 0);
    return this.#table.keys.intern(into.bytes, 0, into.at);
  }

  /** One partial; below 0: it is passed over. */
  #read(from: ChunkReader, slot: number): void {
    const [into, own] = [this.#into, this.#own];
    let presence = 0;
    for (let i = 0; i < this.#extremes; i += 8) presence += from.byte() * 2 ** i;
    for (let i = 0; i < own.length; i++) {
      if (this.#hasPresence[i] === true) {
        const present = presence % 2 === 1;
        presence = Math.floor(presence / 2);
        if (!present) continue;
      }
      const state = into[i] ?? null;
      if (slot < 0 || state === null) own[i]?.skip(from);
      else state.read(from, slot);
    }
  }
}
