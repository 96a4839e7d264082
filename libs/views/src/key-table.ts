import { grown } from './grown.ts';
import { compareRanges, hashRange } from './key.ts';

const smallTable = 64;

/**
 * Keys seen, with dense ids in order of first sight, all bytes in one arena. Nothing that leaves a process depends on
 * the ids: `sorted` gives them in an order of the bytes alone.
 */
export class KeyTable {
  size = 0;
  arena = new Uint8Array(1 << 10);
  /** Key `id` is `arena[starts[id], starts[id + 1])`. */
  starts = new Int32Array(smallTable);
  /** Bucket of each key. */
  buckets = new Int32Array(smallTable);
  private readonly bucketCount: number;
  private hashes = new Int32Array(smallTable);
  /** id + 1; 0 is free. */
  private table = new Int32Array(smallTable * 2);
  private order = new Int32Array(0);
  /** Ids below this one stand in the order of `sortedByBucket` already. */
  private labelled = 0;

  constructor(bucketCount: number) {
    this.bucketCount = bucketCount;
  }

  /** A copy of the key's bytes. */
  bytes(id: number): Uint8Array {
    return this.arena.slice(this.starts[id], this.starts[id + 1]);
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    const unsigned = hashRange(bytes, start, end);
    const hash = unsigned | 0;
    const mask = this.table.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const id = (this.table[place] ?? 0) - 1;
      if (id < 0) {
        this.table[place] = this.size + 1;
        return this.add(bytes, start, end, unsigned);
      }
      if (this.hashes[id] === hash && this.holds(id, bytes, start, end)) return id;
    }
  }

  compare(a: number, b: number): number {
    const { arena, starts } = this;
    return compareRanges(arena, starts[a] ?? 0, starts[a + 1] ?? 0, arena, starts[b] ?? 0, starts[b + 1] ?? 0);
  }

  /** All ids, by bucket and then by bytes. Valid until the next `intern`. Only keys new since the last call are sorted. */
  sortedByBucket(): Int32Array {
    const known = this.order.length;
    if (known === this.size) return this.order;
    const compare = (a: number, b: number): number =>
      (this.buckets[a] ?? 0) - (this.buckets[b] ?? 0) || this.compare(a, b);
    const fresh = Int32Array.from({ length: this.size - known }, (_, i) => known + i).sort(compare);
    const order = new Int32Array(this.size);
    let old = 0;
    let next = 0;
    for (let i = 0; i < order.length; i++) {
      const takeOld = next >= fresh.length || (old < known && compare(this.order[old] ?? 0, fresh[next] ?? 0) < 0);
      order[i] = (takeOld ? this.order[old++] : fresh[next++]) ?? 0;
    }
    this.order = order;
    return order;
  }

  /** Where the ids of each bucket begin in `sortedByBucket()`, and after the last where they end. */
  bucketStarts(): Int32Array {
    const starts = new Int32Array(this.bucketCount + 1);
    for (let id = 0; id < this.size; id++) {
      const bucket = (this.buckets[id] ?? 0) + 1;
      starts[bucket] = (starts[bucket] ?? 0) + 1;
    }
    for (let i = 1; i <= this.bucketCount; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
    return starts;
  }

  /**
   * Gives the keys new ids in the order of `sortedByBucket`, so that walking them in that order is walking memory
   * forwards. Does so only when most ids are out of order; true when it did.
   */
  relabel(): boolean {
    if (this.size < 1_024 || this.size < this.labelled * 2) return false;
    const order = this.sortedByBucket();
    const ordered = new KeyTable(this.bucketCount);
    for (const id of order) ordered.intern(this.arena, this.starts[id] ?? 0, this.starts[id + 1] ?? 0);
    this.arena = ordered.arena;
    this.starts = ordered.starts;
    this.buckets = ordered.buckets;
    this.hashes = ordered.hashes;
    this.table = ordered.table;
    this.order = order.map((_, i) => i);
    this.labelled = this.size;
    return true;
  }

  /** All ids by bytes. */
  sortedByBytes(): Int32Array {
    const first = this.leading();
    const ids = Int32Array.from({ length: this.size }, (_, i) => i);
    return ids.sort((a, b) => (first[a] ?? 0) - (first[b] ?? 0) || this.compare(a, b));
  }

  clear(): void {
    this.size = 0;
    this.labelled = 0;
    this.order = new Int32Array(0);
    this.table.fill(0);
  }

  /** Six bytes of each key after what all have in common, as a number: decides most comparisons at once. */
  private leading(): Float64Array {
    const { arena, starts } = this;
    let common = (starts[1] ?? 0) - (starts[0] ?? 0);
    for (let id = 1; id < this.size; id++) {
      const start = starts[id] ?? 0;
      const length = Math.min(common, (starts[id + 1] ?? 0) - start);
      let same = 0;
      while (same < length && arena[same] === arena[start + same]) same++;
      common = same;
    }
    const leading = new Float64Array(this.size);
    for (let id = 0; id < this.size; id++) {
      const end = starts[id + 1] ?? 0;
      let value = 0;
      for (let at = (starts[id] ?? 0) + common, i = 0; i < 6; at++, i++) {
        value = value * 256 + (at < end ? (arena[at] ?? 0) : 0);
      }
      leading[id] = value;
    }
    return leading;
  }

  private holds(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { arena } = this;
    const from = this.starts[id] ?? 0;
    if ((this.starts[id + 1] ?? 0) - from !== end - start) return false;
    for (let at = from, other = start; other < end; at++, other++) if (arena[at] !== bytes[other]) return false;
    return true;
  }

  private add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const id = this.size++;
    const from = id === 0 ? 0 : (this.starts[id] ?? 0);
    const to = from + end - start;
    if (to > this.arena.length) this.arena = grown(this.arena, new Uint8Array(Math.max(this.arena.length * 2, to)));
    if (id + 2 > this.starts.length) {
      const length = this.starts.length * 2;
      this.starts = grown(this.starts, new Int32Array(length));
      this.buckets = grown(this.buckets, new Int32Array(length));
      this.hashes = grown(this.hashes, new Int32Array(length));
    }
    this.arena.set(end - start === bytes.length ? bytes : bytes.subarray(start, end), from);
    this.starts[0] = 0;
    this.starts[id + 1] = to;
    this.buckets[id] = hash % this.bucketCount;
    this.hashes[id] = hash | 0;
    if (this.size * 2 > this.table.length) this.rehash();
    return id;
  }

  private rehash(): void {
    const table = new Int32Array(this.table.length * 2);
    const mask = table.length - 1;
    for (let id = 0; id < this.size; id++) {
      let place = (this.hashes[id] ?? 0) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = id + 1;
    }
    this.table = table;
  }
}
