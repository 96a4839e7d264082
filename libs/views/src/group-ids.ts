import type { Columns } from '@twofold/schemas';
import type { CommonReads } from './common-reads.ts';
import { DictionaryWatch, PairedNumbers, WrittenKeys, type GroupFinder } from './group-finders.ts';
import type { Dimension } from './view.ts';

/** Ids kept from batch to batch; above, they begin anew. */
const idsKept = 1 << 17;
/** Rows that are found at a time, where all are. */
const blockRows = 2048;
/** Of so many batches one is looked at. */
const lookAgain = 16;
/** Of a row that nobody asked about yet. */
const unread = -2;

/**
 * Numbers for what rows have in their dimensions: rows of one number have one key, and rows of one key one number. They
 * are small and dense, and stay until `generation` is another.
 */
export interface GroupIds {
  readonly generation: number;
  /** By row, from -1 to below `size`; valid of rows that were read. */
  readonly ofRow: Int32Array;
  readonly size: number;
  /** Sees to it that the ids of some rows are known. */
  read(rows: Int32Array): void;
}

export function createGroupIds(dimensions: readonly Dimension[], reads: CommonReads): GroupIds {
  const { stream } = reads;
  const fields = dimensions.map(({ expr }) =>
    expr.op === 'field' && expr.type.kind === 'text'
      ? stream.fields.findIndex(({ name }) => name === expr.field)
      : null,
  );
  if (fields.length === 0) return new OneGroup(reads);
  const [only = null] = fields;
  if (fields.length === 1 && only !== null) return new TextIds(only, reads);
  const hasLooseText = dimensions.some(({ expr }, i) => expr.type.kind === 'text' && fields[i] === null);
  return new FoundIds(
    hasLooseText ? new WrittenKeys(dimensions, stream) : new PairedNumbers(dimensions, fields, stream),
    reads,
  );
}

/** No dimension: all rows are of one group. */
class OneGroup implements GroupIds {
  readonly generation = 0;
  readonly size = 1;
  ofRow: Int32Array = new Int32Array(0);
  private readonly reads: CommonReads;

  constructor(reads: CommonReads) {
    this.reads = reads;
  }

  read(): void {
    const { to } = this.reads;
    if (this.ofRow.length < to) this.ofRow = new Int32Array(Math.max(this.ofRow.length * 2, to));
  }
}

/** One plain text: the ids of its dictionary, null is -1. */
class TextIds implements GroupIds {
  generation = 0;
  ofRow: Int32Array = new Int32Array(0);
  size = 0;
  private readonly field: number;
  private readonly reads: CommonReads;
  private readonly dictionaries = new DictionaryWatch(1);

  constructor(field: number, reads: CommonReads) {
    this.field = field;
    this.reads = reads;
  }

  read(): void {
    const column = this.reads.columns?.fields[this.field];
    if (column?.kind !== 'text') return;
    if (this.dictionaries.hasBegun(0, column.dictionary)) this.generation++;
    this.ofRow = column.ids;
    this.size = column.dictionary.size;
  }
}

/**
 * Ids that cost something to find: each row's are found once, and only where they are asked for. Where most rows of the
 * batch before were asked for in the end, all of the next one are found at once.
 */
class FoundIds implements GroupIds {
  generation = 0;
  ofRow: Int32Array = new Int32Array(0);
  private readonly finder: GroupFinder;
  private readonly reads: CommonReads;
  private batch = 0;
  /** Of the last batch whose rows were found as they were asked for: applied rows, and those that were asked for. */
  private applied = 0;
  private asked = 0;
  /** All rows of this batch were found at once. */
  private foundAll = false;
  private missing = new Int32Array(0);

  constructor(finder: GroupFinder, reads: CommonReads) {
    this.finder = finder;
    this.reads = reads;
  }

  get size(): number {
    return this.finder.size;
  }

  read(rows: Int32Array): void {
    const { columns } = this.reads;
    if (columns === null) return;
    if (this.batch !== this.reads.batch) this.begin(columns);
    if (!this.foundAll) this.findMissing(columns, rows);
  }

  private begin(columns: Columns): void {
    const { batch, from, to, applied } = this.reads;
    this.batch = batch;
    if (this.ofRow.length < to) this.ofRow = new Int32Array(Math.max(this.ofRow.length * 2, to));
    if (this.finder.isStale(columns) || this.finder.size > idsKept) {
      this.finder.forget();
      this.generation++;
    }
    applied.read();
    // Now and then nothing is found beforehand, which tells whether most rows are still asked for.
    this.foundAll = this.asked * 2 > this.applied && batch % lookAgain !== 0;
    if (this.foundAll) {
      this.findAll(columns, applied.rows.subarray(0, applied.count));
      return;
    }
    this.applied = applied.count;
    this.asked = 0;
    this.ofRow.fill(unread, from, to);
  }

  private findAll(columns: Columns, rows: Int32Array): void {
    for (let from = 0; from < rows.length; from += blockRows) {
      const block = rows.subarray(from, from + blockRows);
      this.finder.find(columns, block, block.length, this.ofRow);
    }
  }

  private findMissing(columns: Columns, rows: Int32Array): void {
    if (this.missing.length < rows.length) this.missing = new Int32Array(rows.length);
    const { ofRow, missing } = this;
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      missing[count] = row;
      count += Number(ofRow[row] === unread);
    }
    if (count === 0) return;
    this.asked += count;
    this.finder.find(columns, missing, count, ofRow);
  }
}
