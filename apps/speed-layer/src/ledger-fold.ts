import { rowAt } from '@twofold/event-log';
import { floorTo } from '@twofold/releases';
import { RecordClass, type Columns } from '@twofold/schemas';
import type { DeadLetter, LedgerEntry } from '@twofold/view-store';
import type { PositionFold } from './lane-fold.ts';

/** Counts every position of a partition once, by base slice (E10), and keeps the index of its dead letters. */
export class LedgerFold implements PositionFold {
  readonly finished = false;
  readonly #stream: string;
  readonly #partition: number;
  readonly #sliceSize: number;
  #next: number;
  /** Positions of the open slice by `RecordClass`. */
  readonly #counts = new Float64Array(4);
  #sealed: LedgerEntry[] = [];
  #deadLetters: DeadLetter[] = [];
  #saved: number;

  /** @param start a slice start, or the origin inside the first slice. */
  constructor(stream: string, partition: number, sliceSize: number, start: number) {
    this.#stream = stream;
    this.#partition = partition;
    this.#sliceSize = sliceSize;
    this.#next = start;
    this.#saved = start;
  }

  get next(): number {
    return this.#next;
  }

  apply(columns: Columns): void {
    if (columns.nextOffset <= this.#next) return;
    const from = this.#next;
    for (let row = rowAt(columns, from); row < columns.count; row = this.#countTo(columns, row))
      this.#pass(columns.offsets[row] ?? 0);
    this.#pass(columns.nextOffset);
    this.#noteRejections(columns, from);
  }

  take(): { entries: LedgerEntry[]; deadLetters: DeadLetter[] } {
    const entries = this.#sealed;
    if (this.#next > this.#saved && this.#next % this.#sliceSize !== 0) entries.push(this.#entry());
    const deadLetters = this.#deadLetters;
    this.#saved = this.#next;
    this.#sealed = [];
    this.#deadLetters = [];
    return { entries, deadLetters };
  }

  /** Counts rows from one on that follow each other without a gap inside a slice; gives the first that does not. */
  #countTo(columns: Columns, from: number): number {
    const counts = this.#counts;
    const { classes, offsets, count } = columns;
    const room = this.#sliceSize - (this.#next % this.#sliceSize);
    const limit = Math.min(count, from + room);
    const first = this.#next - from;
    let row = from;
    for (; row < limit && offsets[row] === first + row; row++) {
      const found = classes[row] ?? RecordClass.control;
      counts[found] = (counts[found] ?? 0) + 1;
    }
    this.#advance(first + row);
    return row;
  }

  /** Positions without a record, up to `offset`, are control. */
  #pass(offset: number): void {
    while (this.#next < offset) {
      const edge = Math.min(offset, floorTo(this.#next, this.#sliceSize) + this.#sliceSize);
      this.#counts[RecordClass.control] = (this.#counts[RecordClass.control] ?? 0) + edge - this.#next;
      this.#advance(edge);
    }
  }

  #advance(next: number): void {
    this.#next = next;
    if (next % this.#sliceSize !== 0) return;
    this.#sealed.push(this.#entry());
    this.#counts.fill(0);
  }

  #entry(): LedgerEntry {
    const slice = floorTo(this.#next - 1, this.#sliceSize);
    const of = (found: RecordClass): number => this.#counts[found] ?? 0;
    return {
      stream: this.#stream,
      partition: this.#partition,
      slice,
      next: this.#next,
      applied: of(RecordClass.applied),
      duplicate: of(RecordClass.duplicate),
      rejected: of(RecordClass.rejected),
      control: of(RecordClass.control),
    };
  }

  #noteRejections(columns: Columns, from: number): void {
    for (const { row, ...rejection } of columns.rejections)
      if (rejection.offset >= from)
        this.#deadLetters.push({
          ...rejection,
          stream: this.#stream,
          partition: this.#partition,
          logTime: columns.times[row] ?? 0,
        });
  }
}
