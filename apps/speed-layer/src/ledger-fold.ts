import { floorTo } from '@twofold/releases';
import { RecordClass, type Columns } from '@twofold/schemas';
import type { DeadLetter, LedgerEntry } from '@twofold/view-store';
import type { PositionFold } from './lane-fold.ts';

interface Counts {
  applied: number;
  duplicate: number;
  rejected: number;
  control: number;
}

const zero = (): Counts => ({ applied: 0, duplicate: 0, rejected: 0, control: 0 });

/** Counts every position of a partition once, by base slice (E10), and keeps the index of its dead letters. */
export class LedgerFold implements PositionFold {
  readonly finished = false;
  readonly #stream: string;
  readonly #partition: number;
  readonly #sliceSize: number;
  #next: number;
  #counts = zero();
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
    for (let row = 0; row < columns.count; row++) {
      const offset = columns.offsets[row] ?? 0;
      if (offset < this.#next) continue;
      this.#pass(offset);
      const found = columns.classes[row];
      if (found === RecordClass.applied) this.#counts.applied++;
      else if (found === RecordClass.duplicate) this.#counts.duplicate++;
      else if (found === RecordClass.rejected) this.#counts.rejected++;
      else this.#counts.control++;
      this.#advance(offset + 1);
    }
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

  /** Positions without a record, up to `offset`, are control. */
  #pass(offset: number): void {
    while (this.#next < offset) {
      const edge = Math.min(offset, floorTo(this.#next, this.#sliceSize) + this.#sliceSize);
      this.#counts.control += edge - this.#next;
      this.#advance(edge);
    }
  }

  #advance(next: number): void {
    this.#next = next;
    if (next % this.#sliceSize !== 0) return;
    this.#sealed.push(this.#entry());
    this.#counts = zero();
  }

  #entry(): LedgerEntry {
    const slice = floorTo(this.#next - 1, this.#sliceSize);
    return { stream: this.#stream, partition: this.#partition, slice, next: this.#next, ...this.#counts };
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
