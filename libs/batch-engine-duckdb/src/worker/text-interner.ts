import duckdb from '@duckdb/node-bindings';

/** The engine's cell of a text: its length in bytes, then the text itself, zero-padded, or a prefix and a pointer. */
const CELL_WORDS = 4;
const CELL_BYTES = 16;
const INLINE_BYTES = 12;

/**
 * Gives each distinct text a dense id, in order of appearance, and keeps its UTF-8 bytes. Short texts are compared as
 * the four words of their cells and never become an object; a long one costs a call of the engine for each row.
 */
export class TextInterner {
  /** UTF-8 of all texts, one after the other; text `id` is `[offsets[id], offsets[id + 1])`. */
  bytes = new Uint8Array(4096);
  offsets = new Int32Array(257);
  count = 0;
  readonly #longIds = new Map<string, number>();
  /** Open addressing: the cell of an interned short text by slot, and its id + 1; 0 where the slot is free. */
  #cells = new Int32Array(512 * CELL_WORDS);
  #ids = new Int32Array(512);
  #shorts = 0;

  clear(): void {
    this.count = 0;
    this.#longIds.clear();
    this.#ids.fill(0);
    this.#shorts = 0;
  }

  /** The id of the text in cell `row`; `words` and `bytes` are two views of the same cells. */
  intern(words: Int32Array, bytes: Uint8Array<ArrayBuffer>, row: number): number {
    const length = words[row * CELL_WORDS] ?? 0;
    return length <= INLINE_BYTES ? this.#internShort(words, bytes, row, length) : this.#internLong(bytes, row, length);
  }

  #internShort(words: Int32Array, bytes: Uint8Array, row: number, length: number): number {
    const at = row * CELL_WORDS;
    const mask = this.#ids.length - 1;
    let slot = hashCell(words, at) & mask;
    for (;;) {
      const found = this.#ids[slot] ?? 0;
      if (found === 0) break;
      if (sameCell(this.#cells, slot * CELL_WORDS, words, at)) return found - 1;
      slot = (slot + 1) & mask;
    }
    const start = row * CELL_BYTES + 4;
    const id = this.#append(bytes.subarray(start, start + length));
    this.#cells.set(words.subarray(at, at + CELL_WORDS), slot * CELL_WORDS);
    this.#ids[slot] = id + 1;
    if (++this.#shorts * 2 > this.#ids.length) this.#rehash();
    return id;
  }

  #internLong(cells: Uint8Array<ArrayBuffer>, row: number, length: number): number {
    const pointerAt = cells.byteOffset + row * CELL_BYTES + 8;
    const text = duckdb.get_data_from_pointer(cells.buffer, pointerAt, length);
    const key = Buffer.from(text.buffer, text.byteOffset, length).toString('latin1');
    const found = this.#longIds.get(key);
    if (found !== undefined) return found;
    const id = this.#append(text);
    this.#longIds.set(key, id);
    return id;
  }

  #append(text: Uint8Array): number {
    const id = this.count++;
    const start = id === 0 ? 0 : (this.offsets[id] ?? 0);
    const end = start + text.length;
    if (end > this.bytes.length) this.bytes = grown(this.bytes, new Uint8Array(Math.max(end, this.bytes.length * 2)));
    if (id + 1 >= this.offsets.length) this.offsets = grown(this.offsets, new Int32Array(this.offsets.length * 2));
    this.bytes.set(text, start);
    this.offsets[id + 1] = end;
    return id;
  }

  #rehash(): void {
    const cells = this.#cells;
    const ids = this.#ids;
    this.#cells = new Int32Array(cells.length * 2);
    this.#ids = new Int32Array(ids.length * 2);
    const mask = this.#ids.length - 1;
    for (const [from, id] of ids.entries()) {
      if (id === 0) continue;
      let slot = hashCell(cells, from * CELL_WORDS) & mask;
      while (this.#ids[slot] !== 0) slot = (slot + 1) & mask;
      this.#cells.set(cells.subarray(from * CELL_WORDS, (from + 1) * CELL_WORDS), slot * CELL_WORDS);
      this.#ids[slot] = id;
    }
  }
}

function grown<A extends Uint8Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Mixes the four words of a cell (xor, then a multiply by an odd constant, for each). */
function hashCell(words: Int32Array, at: number): number {
  let hash = words[at] ?? 0;
  for (let word = 1; word < CELL_WORDS; word++) {
    hash = Math.imul(hash ^ (words[at + word] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return Math.imul(hash, 0x85ebca6b) >>> 8;
}

function sameCell(a: Int32Array, aAt: number, b: Int32Array, bAt: number): boolean {
  for (let word = 0; word < CELL_WORDS; word++) if (a[aAt + word] !== b[bAt + word]) return false;
  return true;
}
