import { RecordClass } from '@twofold/schemas';
import type { CommonReads } from './common-reads.ts';
import type { RowFilter } from './filter-rows.ts';

/** The applied rows of what was begun that a condition leaves, rising; found when they are asked for first. */
export class RowChoice {
  /** Valid below `count`. */
  rows = new Int32Array(0);
  count = 0;
  private readonly reads: CommonReads;
  /** Null: every applied row. */
  private readonly filter: RowFilter | null;
  private batch = 0;

  constructor(reads: CommonReads, filter: RowFilter | null) {
    this.reads = reads;
    this.filter = filter;
  }

  /** Sees to it that the rows are those of what was begun last. */
  read(): void {
    const { reads, filter } = this;
    const { columns, from, to, batch } = reads;
    if (this.batch === batch || columns === null) return;
    this.batch = batch;
    if (this.rows.length < to - from) this.rows = new Int32Array(Math.max(this.rows.length * 2, to - from));
    const { rows } = this;
    if (filter !== null) {
      const { applied } = reads;
      applied.read();
      const allApplied = applied.count === to - from;
      this.count = allApplied
        ? filter.among(columns, from, to, rows)
        : filter.of(columns, applied.rows, applied.count, rows);
      return;
    }
    const { classes } = columns;
    let count = 0;
    for (let row = from; row < to; row++) {
      rows[count] = row;
      count += Number(classes[row] === RecordClass.applied);
    }
    this.count = count;
  }

  /** The place in `rows` of the first that is not below a row. */
  placeOf(row: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.rows[middle] ?? 0) < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
