import { ChunkEncoder } from './chunk-encoder.ts';
import type { Chunk } from './partials.ts';
import type { PartialTable } from './partial-table.ts';

/** A chunk of a part: pieces follow one another by (key, pane). */
export interface Piece extends Chunk {
  readonly firstKey: Uint8Array;
  readonly firstPane: number;
}

/** Writes partials that come by (key, pane) in chunks of about `targetBytes` each. */
export class PieceWriter {
  readonly #table: PartialTable;
  readonly #encoder: ChunkEncoder;
  readonly #targetBytes: number;
  readonly #pieces: Piece[] = [];
  #firstKey: Uint8Array = new Uint8Array(0);
  #firstPane = 0;

  constructor(table: PartialTable, widthMs: number, targetBytes: number) {
    this.#table = table;
    this.#encoder = new ChunkEncoder(widthMs);
    this.#targetBytes = targetBytes;
  }

  /** Of one key, `slots[from, to)` by rising pane. */
  add(key: number, slots: Int32Array, from: number, to: number): void {
    const [table, encoder] = [this.#table, this.#encoder];
    let open = false;
    for (let i = from; i < to; i++) {
      const slot = slots[i] ?? 0;
      if (encoder.length >= this.#targetBytes) {
        if (open) encoder.closeKey();
        open = false;
        this.#cut();
      }
      if (encoder.rows === 0) {
        this.#firstKey = table.keys.bytes(key);
        this.#firstPane = table.panes[slot] ?? 0;
      }
      if (!open) openKey(table, encoder, key);
      open = true;
      encoder.pane(table.panes[slot] ?? 0);
      table.write(encoder, slot);
    }
    if (open) encoder.closeKey();
  }

  /** None when there was no partial. */
  finish(): Piece[] {
    if (this.#encoder.rows > 0) this.#cut();
    return this.#pieces;
  }

  #cut(): void {
    this.#pieces.push({ ...this.#encoder.finish(), firstKey: this.#firstKey, firstPane: this.#firstPane });
  }
}

/** Writes a key with `slots[from, to)`, which are its own and stand by rising pane. */
export function encodeKeyOf(
  table: PartialTable,
  encoder: ChunkEncoder,
  key: number,
  slots: Int32Array,
  from: number,
  to: number,
): void {
  openKey(table, encoder, key);
  for (let i = from; i < to; i++) {
    const slot = slots[i] ?? 0;
    encoder.pane(table.panes[slot] ?? 0);
    table.write(encoder, slot);
  }
  encoder.closeKey();
}

function openKey(table: PartialTable, encoder: ChunkEncoder, key: number): void {
  const { arena, starts } = table.keys;
  encoder.key(arena, starts[key] ?? 0, starts[key + 1] ?? 0);
}
