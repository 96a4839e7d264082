import { RecordClass, type Columns } from './columns.ts';
import type { Classifier } from './decoder.ts';
import { SchemaError } from './errors.ts';
import { hashWords, IdTable } from './id-table.ts';
import { IdWords } from './id-words.ts';
import type { Stream } from './stream.ts';

/**
 * A classifier for one partition (E9), exact: ids are compared by their values, never by a hash alone. It starts at
 * position 0. Memory: the ids of at most 2W positions and their texts, whatever the length of the log.
 * It keeps texts by itself, so the decoder's dictionary may be reset at any time between two batches.
 * `classify` throws `CLASSIFY_OUT_OF_ORDER` for a batch that does not begin at `position`.
 */
export function createClassifier(stream: Stream): Classifier {
  return new HorizonClassifier(stream);
}

/** Rows whose places in the tables fit into the nearest memory together. */
const block = 64;

/**
 * Offsets are cut into ranges [k·W, (k+1)·W). `recent` holds the ids of the range being read with the offset where each
 * was seen last, `older` those of the range before. The W offsets before a record lie in these two; nothing is ever
 * deleted one by one.
 */
class HorizonClassifier implements Classifier {
  position = 0;
  private readonly horizon: number;
  private readonly ids: IdWords;
  private recent: IdTable;
  private older: IdTable;
  /** Number k of the range in `recent`. */
  private range = 0;
  /** Hashes of the ids of the batch's rows. */
  private hashes = new Int32Array(0);
  private touched = 0;

  constructor(stream: Stream) {
    this.horizon = stream.dedupeHorizon;
    this.ids = new IdWords(stream);
    this.recent = new IdTable(this.ids.width);
    this.older = new IdTable(this.ids.width);
  }

  restart(position: number): void {
    this.position = position;
    this.recent.clear();
    this.older.clear();
    this.ids.forget();
  }

  classify(columns: Columns): void {
    if (columns.baseOffset !== this.position) {
      throw new SchemaError(
        'CLASSIFY_OUT_OF_ORDER',
        `Classes are decided in order: position ${this.position} is next, and the batch begins at ${columns.baseOffset}. Read from there, or restart.`,
        { facts: { position: this.position, baseOffset: columns.baseOffset, partition: columns.partition } },
      );
    }
    if (this.horizon > 0) this.mark(columns);
    this.position = columns.nextOffset;
  }

  private mark(columns: Columns): void {
    this.ids.fill(columns);
    const { count } = columns;
    if (this.hashes.length < count) this.hashes = new Int32Array(count);
    for (let from = 0; from < count; from += block) {
      const to = Math.min(from + block, count);
      this.approach(from, to);
      this.markRows(columns, from, to);
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

  /** Keeps only the texts of ids that can still matter. `recent` is empty now. */
  private prune(columns: Columns): void {
    const kept = new IdTable(this.ids.width);
    this.ids.prune((rename) => {
      this.older.forEach((slots, at, offset) => {
        rename(slots, at);
        kept.put(slots, at, hashWords(slots, at, this.ids.width), offset);
      });
    });
    this.older = kept;
    this.ids.fill(columns);
  }
}
