import { RecordClass, type Columns } from './columns.ts';
import { hashWords, IdTable } from './id-table.ts';
import type { IdWords } from './id-words.ts';

/** Rows whose places in the tables fit into the nearest memory together. */
const block = 64;

/**
 * Duplicates of ids of any kind, by two hash tables. Offsets are cut into ranges [k·W, (k+1)·W). `recent` holds the ids
 * of the range being read with the offset where each was seen last, `older` those of the range before. The W offsets
 * before a record lie in these two; nothing is ever deleted one by one.
 */
export class TableHorizon {
  private readonly horizon: number;
  private readonly ids: IdWords;
  private recent: IdTable;
  private older: IdTable;
  /** Number k of the range in `recent`. */
  private range = 0;
  /** Hashes of the ids of the batch's rows. */
  private hashes = new Int32Array(0);
  private touched = 0;

  /** @param expected how many ids a range is expected to hold: so many fit without growing. */
  constructor(horizon: number, ids: IdWords, expected = 0) {
    this.horizon = horizon;
    this.ids = ids;
    this.recent = new IdTable(ids.width, expected);
    this.older = new IdTable(ids.width, expected);
  }

  /**
   * Takes in what was seen before `position`: `forEachId` visits the ids within the horizon as words of `ids`, of
   * each id the last offset first. Only for one that has marked nothing yet.
   */
  takeOver(
    position: number,
    forEachId: (visit: (words: Int32Array, at: number, offset: number) => void) => void,
  ): void {
    this.range = Math.floor(position / this.horizon);
    const base = this.range * this.horizon;
    forEachId((words, at, offset) => {
      const table = offset >= base ? this.recent : this.older;
      const hash = hashWords(words, at, this.ids.width);
      const within = offset >= base ? offset - base : offset - base + this.horizon;
      if (table.find(words, at, hash) === -1) table.put(words, at, hash, within);
    });
  }

  /** Marks the duplicates among the applied rows from a row on, the first unless told. Rows come in order, of all batches. */
  mark(columns: Columns, from = 0): void {
    this.ids.fill(columns);
    const { count } = columns;
    if (this.hashes.length < count) this.hashes = new Int32Array(count);
    for (let row = from; row < count; row += block) {
      const to = Math.min(row + block, count);
      this.approach(row, to);
      this.markRows(columns, row, to);
    }
  }

  /**
   * Hashes the ids of some rows and touches the places in both tables where they would be. Looking them up one by one
   * would wait for memory each time, since what is found there decides what comes next; these loads wait together.
   */
  private approach(from: number, to: number): void {
    const { hashes, recent, older } = this;
    const { words, width } = this.ids;
    let touched = 0;
    for (let row = from; row < to; row++) {
      const hash = hashWords(words, row * width, width);
      hashes[row] = hash;
      touched ^= recent.peek(hash) ^ older.peek(hash);
    }
    this.touched = touched;
  }

  private markRows(columns: Columns, from: number, to: number): void {
    const { horizon, hashes } = this;
    const { classes, offsets } = columns;
    const { words, width } = this.ids;
    let base = this.range * horizon;
    for (let row = from; row < to; row++) {
      if (classes[row] !== RecordClass.applied) continue;
      const offset = offsets[row] ?? 0;
      if (offset < base || offset >= base + horizon) {
        this.enter(Math.floor(offset / horizon));
        base = this.range * horizon;
        if (this.ids.pruneDue) {
          this.prune(columns);
          this.approach(row, to);
        }
      }
      const at = row * width;
      const hash = hashes[row] ?? 0;
      const within = offset - base;
      // In `recent` it is less than W away; in `older` only if it stands in the last part of that range.
      if (this.recent.put(words, at, hash, within) !== -1 || this.older.find(words, at, hash) >= within) {
        classes[row] = RecordClass.duplicate;
      }
    }
  }

  /** Moves on to a range: `recent` becomes `older` when they are neighbours, else nothing is within the horizon. */
  private enter(range: number): void {
    const spent = this.older;
    if (range === this.range + 1) this.older = this.recent;
    else this.recent.clear();
    if (range === this.range + 1) this.recent = spent;
    spent.clear();
    this.range = range;
  }

  /** Keeps only the texts of ids that can still matter. `recent` is empty now, and as large as it has to be. */
  private prune(columns: Columns): void {
    const spent = this.older;
    const kept = this.recent;
    this.ids.prune((rename) => {
      spent.forEach((slots, at, offset) => {
        rename(slots, at);
        kept.put(slots, at, hashWords(slots, at, this.ids.width), offset);
      });
    });
    spent.clear();
    this.older = kept;
    this.recent = spent;
    this.ids.fill(columns);
  }
}
