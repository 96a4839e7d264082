import { TEXT_CARRIED_BYTES, TEXT_PIECE_BYTES } from '../result-kind.ts';
import { CELL_WORDS, type TextCells } from './text-cells.ts';

/** Words of a piece's cell that hold its text. */
const PIECE_WORDS = TEXT_PIECE_BYTES / 4;
/** A text as words: its length in bytes, then its bytes, zero-padded. */
const MAX_WORDS = 1 + TEXT_CARRIED_BYTES / 4;

/**
 * Gives each distinct text a dense id, in order of appearance, and keeps its UTF-8 bytes. Texts of up to
 * TEXT_CARRIED_BYTES are compared as words and never become an object; a longer one costs a call of the engine a row.
 */
export class TextInterner {
  /** UTF-8 of all texts, one after the other; text `id` is `[offsets[id], offsets[id + 1])`. */
  bytes = new Uint8Array(4096);
  offsets = new Int32Array(256);
  count = 0;
  readonly #longIds = new Map<string, number>();
  /** The words of text `id` start at `id * MAX_WORDS`. */
  #words = new Int32Array(256 * MAX_WORDS);
  /** Open addressing: id + 1, 0 where the slot is free. Never more than half full. */
  #slots = new Int32Array(512);
  readonly #text = new Int32Array(MAX_WORDS);
  readonly #textBytes = new Uint8Array(this.#text.buffer);

  clear(): void {
    this.count = 0;
    this.#longIds.clear();
    this.#slots.fill(0);
  }

  /** The id of the text in row `row`, which is not null. */
  intern(cells: TextCells, row: number): number {
    const length = cells.words[row * CELL_WORDS] ?? 0;
    return length > TEXT_CARRIED_BYTES ? this.#internLong(cells.follow(row, length)) : this.#internWords(cells, row);
  }

  #internWords(cells: TextCells, row: number): number {
    const words = this.#gather(cells, row);
    const text = this.#text;
    const mask = this.#slots.length - 1;
    let slot = hashWords(text, words) & mask;
    for (;;) {
      const id = (this.#slots[slot] ?? 0) - 1;
      if (id < 0) break;
      if (sameWords(this.#words, id * MAX_WORDS, text, words)) return id;
      slot = (slot + 1) & mask;
    }
    const id = this.#append(this.#textBytes.subarray(4, 4 + (text[0] ?? 0)));
    this.#words.set(text.subarray(0, words), id * MAX_WORDS);
    this.#slots[slot] = id + 1;
    if (this.count * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  /** Puts the text of a row together, and says in how many words. */
  #gather(cells: TextCells, row: number): number {
    const text = this.#text;
    const at = row * CELL_WORDS;
    const length = cells.words[at] ?? 0;
    const words = 1 + Math.ceil(length / 4);
    text[0] = length;
    text[1] = cells.words[at + 1] ?? 0;
    if (length <= TEXT_PIECE_BYTES) {
      text[2] = cells.words[at + 2] ?? 0;
      text[3] = cells.words[at + 3] ?? 0;
      return words;
    }
    for (let word = 2, piece = 0; word < words; piece++) {
      const pieceWords = cells.piece(piece);
      for (let i = 1; i <= PIECE_WORDS; i++) text[word++] = pieceWords[at + i] ?? 0;
    }
    return words;
  }

  #internLong(text: Uint8Array): number {
    const key = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
    const found = this.#longIds.get(key);
    if (found !== undefined) return found;
    const id = this.#append(text);
    // Longer than any text that is compared as words.
    this.#words[id * MAX_WORDS] = text.length;
    this.#longIds.set(key, id);
    return id;
  }

  #append(text: Uint8Array): number {
    const id = this.count++;
    const start = id === 0 ? 0 : (this.offsets[id] ?? 0);
    const end = start + text.length;
    if (end > this.bytes.length) this.bytes = grown(this.bytes, new Uint8Array(Math.max(end, this.bytes.length * 2)));
    if (id + 1 >= this.offsets.length) {
      this.offsets = grown(this.offsets, new Int32Array(this.offsets.length * 2));
      this.#words = grown(this.#words, new Int32Array(this.offsets.length * MAX_WORDS));
    }
    this.bytes.set(text, start);
    this.offsets[id + 1] = end;
    return id;
  }

  #rehash(): void {
    const ids = this.#slots.filter((slot) => slot !== 0);
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (const id of ids) {
      const at = (id - 1) * MAX_WORDS;
      const words = 1 + Math.ceil((this.#words[at] ?? 0) / 4);
      let slot = hashWords(this.#words.subarray(at, at + words), words) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id;
    }
  }
}

function grown<A extends Uint8Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Mixes words (xor, then a multiply by an odd constant, for each). */
function hashWords(words: Int32Array, count: number): number {
  let hash = 0;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ (words[i] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return Math.imul(hash, 0x85ebca6b) >>> 8;
}

function sameWords(a: Int32Array, at: number, b: Int32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (a[at + i] !== b[i]) return false;
  return true;
}
