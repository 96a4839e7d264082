const leastCapacity = 1 << 10;

/**
 * Ids (a fixed number of 32-bit words each) and the offset at which each was last seen. Open addressing; the words
 * themselves are compared, so a hash that two ids share costs a step and decides nothing.
 */
export class IdTable {
  entries = 0;
  private readonly words: number;
  private readonly stride: number;
  private capacity = leastCapacity;
  /** By slot: the offset plus 1 (0 is free), counted from the table's base, then the words. */
  private slots: Int32Array;

  /** @param expected ids for which there is room at once. */
  constructor(words: number, expected = 0) {
    this.words = words;
    this.stride = words + 1;
    while (expected * 5 > this.capacity * 2) this.capacity *= 2;
    this.slots = new Int32Array(this.capacity * this.stride);
  }

  /** The relative offset at which the id `from[at, at + words)` was last seen, or -1. */
  find(from: Int32Array, at: number, hash: number): number {
    const index = this.locate(from, at, hash);
    return (this.slots[index] ?? 0) - 1;
  }

  /** Notes that the id was seen; gives where it was last seen before, or -1. */
  put(from: Int32Array, at: number, hash: number, offset: number): number {
    const index = this.locate(from, at, hash);
    const slots = this.slots;
    const before = (slots[index] ?? 0) - 1;
    slots[index] = offset + 1;
    if (before === -1) {
      for (let i = 0; i < this.words; i++) slots[index + 1 + i] = from[at + i] ?? 0;
      // Two entries in five: chains stay short, and a miss, the common case, ends at once.
      if (++this.entries * 5 > this.capacity * 2) this.grow();
    }
    return before;
  }

  /** A value from the place where an id of this hash would be: it means nothing, but the memory is near afterwards. */
  peek(hash: number): number {
    return this.slots[(hash & (this.capacity - 1)) * this.stride] ?? 0;
  }

  /** Calls back with each entry: its words are `slots[at, at + words)`. */
  forEach(visit: (slots: Int32Array, at: number, offset: number) => void): void {
    for (let index = 0; index < this.slots.length; index += this.stride) {
      const offset = this.slots[index] ?? 0;
      if (offset !== 0) visit(this.slots, index + 1, offset - 1);
    }
  }

  clear(): void {
    if (this.entries === 0) return;
    this.entries = 0;
    this.slots.fill(0);
  }

  /** Index of the entry's slot, or of the free one where it would go. */
  private locate(from: Int32Array, at: number, hash: number): number {
    const { slots, words, stride } = this;
    const mask = this.capacity - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = slot * stride;
      if (slots[index] === 0) return index;
      let i = 0;
      while (i < words && slots[index + 1 + i] === from[at + i]) i++;
      if (i === words) return index;
    }
  }

  private grow(): void {
    const old = this.slots;
    this.capacity *= 2;
    this.slots = new Int32Array(this.capacity * this.stride);
    for (let from = 0; from < old.length; from += this.stride) {
      if (old[from] === 0) continue;
      const to = this.locate(old, from + 1, hashWords(old, from + 1, this.words));
      for (let i = 0; i < this.stride; i++) this.slots[to + i] = old[from + i] ?? 0;
    }
  }
}

/** Hash of the id `from[at, at + words)`. */
export function hashWords(from: Int32Array, at: number, words: number): number {
  let hash = words;
  for (let i = 0; i < words; i++) {
    let word = Math.imul(from[at + i] ?? 0, 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash ^= word;
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
