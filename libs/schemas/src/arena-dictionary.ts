import type { TextDictionary } from './columns.ts';
import { SchemaError } from './errors.ts';
import { hashText } from './text-hash.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const smallTable = 1 << 10;

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
  /** By slot: hash, id + 1 (0 is free), and where the text starts in the arena and how long it is: one cache line says all. */
  private table = new Int32Array(smallTable * 4);
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
    const id = (this.table[slot + 1] ?? 0) - 1;
    return id === -1 ? this.add(bytes, start, end, hash, slot) : id;
  }

  /** A value from where a text of this hash would be: it means nothing, but the memory is near afterwards. */
  peek(hash: number): number {
    return this.arena[this.table[(hash & this.mask) * 4 + 2] ?? 0] ?? 0;
  }

  /** The id of a text, or -1 when it is not held. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.findHashed(bytes, start, end, hashText(this.seed, bytes, start, end));
  }

  /** Like `find`, for those who know the text's hash. */
  findHashed(bytes: Uint8Array, start: number, end: number, hash: number): number {
    return (this.table[this.locate(bytes, start, end, hash) + 1] ?? 0) - 1;
  }

  reset(): void {
    this.size = 0;
    this.generation++;
    this.table = new Int32Array(smallTable * 4);
    this.mask = smallTable - 1;
    this.arena = new Uint8Array(1 << 14);
    this.starts = new Int32Array(smallTable);
  }

  /** Index of the slot of a text, or of the free one where it would go. */
  private locate(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const { table, arena, mask } = this;
    const length = end - start;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = slot * 4;
      if (table[index + 1] === 0) return index;
      if (table[index] !== hash || table[index + 3] !== length) continue;
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
    this.table[slot] = hash;
    this.table[slot + 1] = id + 1;
    this.table[slot + 2] = from;
    this.table[slot + 3] = end - start;
    if (this.size * 2 > this.mask) this.rehash();
    return id;
  }

  private rehash(): void {
    const old = this.table;
    this.mask = this.mask * 2 + 1;
    this.table = new Int32Array(old.length * 2);
    for (let from = 0; from < old.length; from += 4) {
      if (old[from + 1] === 0) continue;
      let slot = (old[from] ?? 0) & this.mask;
      while (this.table[slot * 4 + 1] !== 0) slot = (slot + 1) & this.mask;
      this.table.set(old.subarray(from, from + 4), slot * 4);
    }
  }
}

function grown<A extends Uint8Array | Int32Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
