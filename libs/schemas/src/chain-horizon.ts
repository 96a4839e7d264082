import { RecordClass, type Columns } from './columns.ts';
import type { IdWords, KeyAndNumber } from './id-words.ts';

/** Numbers of an entry of the ring: value, largest value so far, offset of the key's event before. */
const entry = 3;
/** Steps back that each row pays for: more of them than this cost about what a hash table costs. */
const stepsPerRow = 8;
const smallRing = 1 << 10;

/**
 * Duplicates of ids that are a text (the key) and a number that mostly rises, such as a time. The events of a key within
 * the horizon are a chain through a ring that is written in order; an event whose number is above all before it in its
 * chain is no duplicate, without a look at any of them. Another one walks back until it finds its number, or a place
 * before which all numbers are smaller, or the end of the horizon.
 */
export class ChainHorizon {
  readonly ids: IdWords;
  private readonly horizon: number;
  private readonly id: KeyAndNumber;
  /** By offset modulo the ring's size. What no chain leads to means nothing. */
  private ring = new Float64Array(smallRing * entry);
  private mask = smallRing - 1;
  /** The first offset that may be in the ring, -1 before there is one. */
  private start = -1;
  /** Keys are left alone below this position. */
  private pruneFrom = 0;
  /** By key: offset of its last event, -1 for none, and the largest value of its chain. */
  private heads = new Float64Array(0);
  /** Steps that may still be walked. */
  private credit: number;
  private readonly mostCredit: number;
  /** Of the chain walked last, with the value sought: the largest value. */
  private largest = 0;

  /** @param mostCredit steps that may be walked at once, beyond what the rows themselves pay for. */
  constructor(horizon: number, ids: IdWords, id: KeyAndNumber, mostCredit: number) {
    this.horizon = horizon;
    this.ids = ids;
    this.id = id;
    this.mostCredit = mostCredit;
    this.credit = mostCredit;
  }

  /**
   * Marks the duplicates among the applied rows, unless told to note them only. Rows come in order, of all batches.
   * Gives the first row that is neither noted nor marked: `count`, or less where walking has become too dear.
   */
  mark(columns: Columns, judge = true): number {
    const column = columns.fields[this.id.numberField];
    if (column?.kind !== 'number' || columns.count === 0) return columns.count;
    this.reserve(columns);
    const { horizon, heads, ring, mask } = this;
    const { classes, offsets, count } = columns;
    const { keys } = this.ids;
    const { values } = column;
    this.credit = Math.min(this.credit, this.mostCredit) + count * stepsPerRow;
    for (let row = 0; row < count; row++) {
      if (classes[row] !== RecordClass.applied) continue;
      const head = (keys[row] ?? 0) * 2;
      const value = values[row] ?? 0;
      const offset = offsets[row] ?? 0;
      const last = heads[head] ?? -1;
      const since = offset > horizon ? offset - horizon : 0;
      let largest = heads[head + 1] ?? 0;
      if (last < since || value > largest) largest = value;
      else if (judge) {
        if (this.credit < 0) return row;
        if (this.walk(last, since, value)) classes[row] = RecordClass.duplicate;
        else largest = this.largest;
      }
      const slot = (offset & mask) * entry;
      ring[slot] = value;
      ring[slot + 1] = largest;
      ring[slot + 2] = last;
      heads[head] = offset;
      heads[head + 1] = largest;
    }
    return count;
  }

  /** Visits the ids within the horizon before a position, as words; of each key the last offset first. */
  forEach(position: number, visit: (words: Int32Array, at: number, offset: number) => void): void {
    const { heads, ring, mask } = this;
    const { textWord, numberWord } = this.id;
    const words = new Int32Array(this.ids.width);
    const since = Math.max(position - this.horizon, 0);
    for (let head = 0; head < heads.length; head += 2) {
      words[textWord] = head / 2;
      for (let at = heads[head] ?? -1; at >= since;) {
        const slot = (at & mask) * entry;
        this.ids.putNumber(words, numberWord, ring[slot] ?? 0);
        visit(words, 0, at);
        at = ring[slot + 2] ?? -1;
      }
    }
  }

  /** Does the chain that ends at `last` hold the value at or above `since`? If not, `largest` is what it and the value have. */
  private walk(last: number, since: number, value: number): boolean {
    const { ring, mask } = this;
    let largest = value;
    let steps = 0;
    let found = false;
    for (let at = last; at >= since; steps++) {
      const slot = (at & mask) * entry;
      const there = ring[slot] ?? 0;
      if (there === value) found = true;
      // Nothing before this place is as large as the value.
      if (found || (ring[slot + 1] ?? 0) < value) break;
      if (there > largest) largest = there;
      at = ring[slot + 2] ?? -1;
    }
    this.credit -= steps;
    this.largest = largest;
    return found;
  }

  /** Fills `ids.keys`, and makes room for the batch's offsets and keys. */
  private reserve(columns: Columns): void {
    const { baseOffset, nextOffset } = columns;
    if (this.start === -1) {
      this.start = baseOffset;
      this.pruneFrom = baseOffset + this.horizon;
    }
    const needed = Math.min(nextOffset - this.start, this.horizon);
    if (needed > this.mask + 1) this.growRing(baseOffset, needed);
    if (baseOffset >= this.pruneFrom && this.ids.pruneDue) {
      this.prune(baseOffset);
      this.pruneFrom = baseOffset + this.horizon;
    }
    this.ids.fillKeys(columns);
    const used = this.heads.length;
    if (this.ids.textCount * 2 <= used) return;
    const heads = new Float64Array(Math.max(this.ids.textCount * 2, used * 2));
    heads.set(this.heads);
    heads.fill(-1, used);
    this.heads = heads;
  }

  private growRing(position: number, needed: number): void {
    const { ring: old, mask: oldMask } = this;
    const size = 2 ** Math.ceil(Math.log2(needed));
    const ring = new Float64Array(size * entry);
    for (let offset = Math.max(position - oldMask - 1, 0); offset < position; offset++) {
      const from = (offset & oldMask) * entry;
      const to = (offset & (size - 1)) * entry;
      for (let i = 0; i < entry; i++) ring[to + i] = old[from + i] ?? 0;
    }
    this.ring = ring;
    this.mask = size - 1;
  }

  /** Keeps only the keys that have an event within the horizon. */
  private prune(position: number): void {
    const old = this.heads;
    const since = position - this.horizon;
    const heads = new Float64Array(old.length).fill(-1);
    const { textWord } = this.id;
    const words = new Int32Array(this.ids.width);
    this.ids.prune((rename) => {
      for (let head = 0; head < old.length; head += 2) {
        const last = old[head] ?? -1;
        if (last === -1 || last < since) continue;
        words[textWord] = head / 2;
        rename(words, 0);
        const to = (words[textWord] ?? 0) * 2;
        heads[to] = last;
        heads[to + 1] = old[head + 1] ?? 0;
      }
    });
    this.heads = heads;
  }
}
