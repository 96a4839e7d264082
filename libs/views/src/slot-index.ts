import { grown } from './grown.ts';
import { hashOfPane } from './pane-of.ts';
import { sortByPane } from './sort-by-pane.ts';

/** Where the partial of a key and a pane is: dense slots in order of first sight, flat arrays, no object a slot. */
export class SlotIndex {
  /** Slots used. */
  rows = 0;
  /** By slot. */
  panes = new Float64Array(0);
  /** Slots below this one are in their keys' chains. */
  private chained = 0;
  private slotKeys = new Int32Array(0);
  /** The slots of a key are a chain, newest first: `heads[key]`, then `chain[slot]`; -1 ends it. */
  private heads = new Int32Array(0);
  private chain = new Int32Array(0);
  /** By key: 1 when a pane was opened that is below another one of the key. */
  private mixed = new Uint8Array(0);
  /** Slot + 1 by hash of (key, pane), of all slots but the newest of each key; 0 is free. */
  private table = new Int32Array(128);
  private hashed = 0;

  /** Slots there is room for. */
  get capacity(): number {
    return this.panes.length;
  }

  /** Makes room for so many slots more: `slotOf` does not check. */
  reserve(more: number): void {
    const needed = this.rows + more;
    if (needed > this.capacity) this.grow(Math.max(this.capacity * 2, needed, 32));
    const toHash = this.hashed + more;
    if (toHash * 2 > this.table.length) this.rehash(toHash);
  }

  /**
   * The slot of a key's pane, a fresh one when there was none. Most keys have one pane or few, which come one after the
   * other: so it is looked for in the table only below the highest that the key has.
   */
  slotOf(key: number, pane: number): number {
    const last = this.newestOf(key);
    if (last < 0) return this.open(key, pane, last);
    const newest = this.panes[last] ?? 0;
    if (newest === pane) return last;
    const isHighest = pane > newest && this.mixed[key] === 0;
    if (!isHighest) {
      const slot = this.find(key, pane);
      if (slot >= 0) return slot;
      this.mixed[key] = 1;
    }
    this.insert(last);
    return this.open(key, pane, last);
  }

  /** A slot for a key that has none: whoever knows that spares looking for one, and the key's chain until it is asked for. */
  openFirst(key: number, pane: number): number {
    const slot = this.rows++;
    this.slotKeys[slot] = key;
    this.panes[slot] = pane;
    return slot;
  }

  keyOf(slot: number): number {
    return this.slotKeys[slot] ?? 0;
  }

  /** The slot of a key that was opened last; -1: it has none. */
  newestOf(key: number): number {
    if (this.chained < this.rows) this.chainFirsts();
    return key < this.heads.length ? (this.heads[key] ?? -1) : -1;
  }

  /** Writes the slots of a key, by rising pane, from `at` on; gives one past the last. `into` has room for all rows. */
  slotsOf(key: number, into: Int32Array, at: number): number {
    let end = at;
    for (let slot = this.newestOf(key); slot >= 0; slot = this.chain[slot] ?? -1) into[end++] = slot;
    if (this.mixed[key] === 1) sortByPane(this.panes, into, at, end);
    else if (end - at > 1) into.subarray(at, end).reverse();
    return end;
  }

  /**
   * All slots, those of a key together and by rising pane: those of key k are `into[starts[k], starts[k + 1])`. Counts
   * instead of following chains: over all keys that walks memory forwards.
   * @param keys how many there are
   */
  slotsByKey(into: Int32Array, keys: number): Int32Array {
    const { slotKeys, rows } = this;
    const ends = new Int32Array(keys + 1);
    for (let slot = 0; slot < rows; slot++) {
      const key = slotKeys[slot] ?? 0;
      ends[key] = (ends[key] ?? 0) + 1;
    }
    let sum = 0;
    for (let key = 0; key < ends.length; key++) {
      const count = ends[key] ?? 0;
      ends[key] = sum;
      sum += count;
    }
    const starts = ends.slice();
    for (let slot = 0; slot < rows; slot++) {
      const key = slotKeys[slot] ?? 0;
      const at = ends[key] ?? 0;
      into[at] = slot;
      ends[key] = at + 1;
    }
    for (let key = 0; key < keys; key++)
      if (this.mixed[key] === 1) sortByPane(this.panes, into, starts[key] ?? 0, ends[key] ?? 0);
    return starts;
  }

  clear(): void {
    if (this.chained > 0) {
      this.heads.fill(-1);
      this.mixed.fill(0);
    }
    if (this.hashed > 0) this.table.fill(0);
    this.hashed = 0;
    this.rows = 0;
    this.chained = 0;
  }

  /** A slot in the table; -1: it is not there. */
  private find(key: number, pane: number): number {
    const { table } = this;
    const mask = table.length - 1;
    for (let place = hashOfPane(key, pane) & mask; ; place = (place + 1) & mask) {
      const slot = (table[place] ?? 0) - 1;
      if (slot < 0 || (this.panes[slot] === pane && this.slotKeys[slot] === key)) return slot;
    }
  }

  private insert(slot: number): void {
    const { table } = this;
    const mask = table.length - 1;
    let place = hashOfPane(this.slotKeys[slot] ?? 0, this.panes[slot] ?? 0) & mask;
    while (table[place] !== 0) place = (place + 1) & mask;
    table[place] = slot + 1;
    this.hashed++;
  }

  private open(key: number, pane: number, last: number): number {
    const slot = this.openFirst(key, pane);
    this.chainTo(slot, key, last);
    this.chained = this.rows;
    return slot;
  }

  private chainFirsts(): void {
    for (let slot = this.chained; slot < this.rows; slot++) this.chainTo(slot, this.keyOf(slot), -1);
    this.chained = this.rows;
  }

  private chainTo(slot: number, key: number, last: number): void {
    if (key >= this.heads.length) this.growKeys(Math.max(this.heads.length * 2, key + 1, 64));
    this.chain[slot] = last;
    this.heads[key] = slot;
  }

  private growKeys(capacity: number): void {
    this.heads = grown(this.heads, new Int32Array(capacity).fill(-1));
    this.mixed = grown(this.mixed, new Uint8Array(capacity));
  }

  private grow(capacity: number): void {
    this.panes = grown(this.panes, new Float64Array(capacity));
    this.slotKeys = grown(this.slotKeys, new Int32Array(capacity));
    this.chain = grown(this.chain, new Int32Array(capacity));
  }

  private rehash(needed: number): void {
    let { length } = this.table;
    while (length < needed * 2) length *= 2;
    this.table = new Int32Array(length);
    this.hashed = 0;
    for (const newest of this.heads)
      for (let slot = this.chain[newest] ?? -1; slot >= 0; slot = this.chain[slot] ?? -1) this.insert(slot);
  }
}
