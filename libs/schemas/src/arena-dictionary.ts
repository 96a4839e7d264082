import type { TextDictionary } from './columns.ts';
import { SchemaError } from './errors.ts';
import { hashText } from './text-hash.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const smallTable = 1 << 10;
/** Bytes of a text that fit into a slot. */
const shortText = 12;
/** Where the length of a short text stands in the first word of a slot; `longText` stands there for the others. */
const lengthShift = 28;
const longText = 15;
const idMask = (1 << lengthShift) - 1;

/**
 * A dictionary without a string per text: all bytes in one arena, ids found by open addressing. A look-up compares the
 * bytes themselves, so two texts never share an id. Ids are dense, in order of first sight, whatever the seed.
 * The seed (32 bits) only moves texts about in the table; a random one keeps senders from aiming at one place of it.
 */
export class ArenaDictionary implements TextDictionary {
  size = 0;
  generation = 0;
  /** Where the hash of a text begins (text-hash.ts). */
  readonly seed: number;
  /**
   * By slot four words. The first has id + 1 (0 is free) and the length. Then come the bytes of a short text, so that one
   * cache line says all; or the hash of a long one, where it starts in the arena, and its length.
   */
  private table = new Int32Array(smallTable * 4);
  private tableBytes = new Uint8Array(this.table.buffer);
  private mask = smallTable - 1;
  private arena = new Uint8Array(1 << 14);
  /** Text `id` is `arena[starts[id], starts[id + 1])`. */
  private starts = new Int32Array(smallTable);

  constructor(seed = 0) {
    this.seed = seed | 0;
  }

  /** Bytes of all texts held. */
  get byteLength(): number {
    return this.starts[this.size] ?? 0;
  }

  text(id: number): string {
    return decoder.decode(this.bytes(id));
  }

  bytes(id: number): Uint8Array {
    if (id >= 0 && id < this.size) return this.arena.subarray(this.starts[id], this.starts[id + 1]);
    throw new SchemaError(
      'UNKNOWN_TEXT_ID',
      `There is no text ${id} among ${this.size}: was the id kept over a reset?`,
      {
        facts: { id, size: this.size, generation: this.generation },
      },
    );
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    return this.internHashed(bytes, start, end, hashText(this.seed, bytes, start, end));
  }

  /** Like `intern`, for those who know the text's hash. */
  internHashed(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slot = this.locate(bytes, start, end, hash);
    const id = ((this.table[slot] ?? 0) & idMask) - 1;
    return id === -1 ? this.add(bytes, start, end, hash, slot) : id;
  }

  /** A value from where a text of this hash would be: it means nothing, but the memory is near afterwards. */
  peek(hash: number): number {
    const index = (hash & this.mask) * 4;
    const first = this.table[index] ?? 0;
    return first >>> lengthShift === longText ? (this.arena[this.table[index + 2] ?? 0] ?? 0) : first;
  }

  /** The id of a text, or -1 when it is not held. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.findHashed(bytes, start, end, hashText(this.seed, bytes, start, end));
  }

  /** Like `find`, for those who know the text's hash. */
  findHashed(bytes: Uint8Array, start: number, end: number, hash: number): number {
    return ((this.table[this.locate(bytes, start, end, hash)] ?? 0) & idMask) - 1;
  }

  reset(): void {
    this.size = 0;
    this.generation++;
    this.replaceTable(smallTable);
    this.arena = new Uint8Array(1 << 14);
    this.starts = new Int32Array(smallTable);
  }

  private replaceTable(slots: number): void {
    this.table = new Int32Array(slots * 4);
    this.tableBytes = new Uint8Array(this.table.buffer);
    this.mask = slots - 1;
  }

  /** Index of the slot of a text, or of the free one where it would go. */
  private locate(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const { table, tableBytes, mask } = this;
    const length = end - start;
    if (length > shortText) return this.locateLong(bytes, start, end, hash);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = slot * 4;
      const first = table[index] ?? 0;
      if (first === 0) return index;
      if (first >>> lengthShift !== length) continue;
      const from = index * 4 + 4;
      let i = 0;
      while (i < length && tableBytes[from + i] === bytes[start + i]) i++;
      if (i === length) return index;
    }
  }

  private locateLong(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const { table, arena, mask } = this;
    const length = end - start;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = slot * 4;
      const first = table[index] ?? 0;
      if (first === 0) return index;
      if (first >>> lengthShift !== longText || table[index + 1] !== hash || table[index + 3] !== length) continue;
      const from = table[index + 2] ?? 0;
      let i = 0;
      while (i < length && arena[from + i] === bytes[start + i]) i++;
      if (i === length) return index;
    }
  }

  private add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const id = this.size++;
    const from = this.starts[id] ?? 0;
    const to = from + end - start;
    if (to > this.arena.length) this.arena = grown(this.arena, new Uint8Array(Math.max(this.arena.length * 2, to)));
    if (id + 2 > this.starts.length) this.starts = grown(this.starts, new Int32Array(this.starts.length * 2));
    for (let i = start; i < end; i++) this.arena[from + i - start] = bytes[i] ?? 0;
    this.starts[id + 1] = to;
    this.enter(id, hash, slot);
    if (this.size * 2 > this.mask) this.rehash();
    return id;
  }

  /** Fills the free slot at an index for a text that is in the arena. */
  private enter(id: number, hash: number, index: number): void {
    const from = this.starts[id] ?? 0;
    const length = (this.starts[id + 1] ?? 0) - from;
    if (length <= shortText) {
      this.table[index] = (length << lengthShift) | (id + 1);
      for (let i = 0; i < length; i++) this.tableBytes[index * 4 + 4 + i] = this.arena[from + i] ?? 0;
      return;
    }
    this.table[index] = (longText << lengthShift) | (id + 1);
    this.table[index + 1] = hash;
    this.table[index + 2] = from;
    this.table[index + 3] = length;
  }

  private rehash(): void {
    this.replaceTable((this.mask + 1) * 2);
    for (let id = 0; id < this.size; id++) {
      const hash = hashText(this.seed, this.arena, this.starts[id] ?? 0, this.starts[id + 1] ?? 0);
      let slot = hash & this.mask;
      while (this.table[slot * 4] !== 0) slot = (slot + 1) & this.mask;
      this.enter(id, hash, slot * 4);
    }
  }
}

function grown<A extends Uint8Array | Int32Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
