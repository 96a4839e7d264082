import {
  createRowKeyReader,
  RecordClass,
  valueAt,
  type BlankRecords,
  type Columns,
  type Stream,
} from '@twofold/schemas';
import { SpeedError } from '../errors.ts';

/** A row's values by field of the change stream, without those that every change stream adds; in column units. */
export type RowValues = readonly (number | string | null)[];

/** One event of the change stream. */
export interface Change {
  readonly sign: 1 | -1;
  /** Which restatement brought it, and which of its changes it is: its id (E26). */
  readonly offset: number;
  readonly ordinal: number;
  readonly values: RowValues;
}

/** What is known of one key. */
export interface HeldRow {
  readonly revision: number;
  /** Null: the row was taken away. Its revision stays, so that what is older than that brings nothing back. */
  readonly values: RowValues | null;
}

/** What became of the restatements so far. */
export interface UpsertCounts {
  /** Of a revision that is not above the one that holds: late, or repeated (E27). */
  superseded: number;
  /** Rows stated, stated anew, and taken away. */
  inserted: number;
  updated: number;
  deleted: number;
  /** Taken away before they were ever stated. */
  deletedUnknown: number;
}

/**
 * The fold of one partition's restatements into changes (E26, E27): pure, a function of the applied records in order.
 * Its state is what it has, and grows with the number of keys.
 */
export class UpsertFold {
  readonly rows = new Map<string, HeldRow>();
  readonly counts: UpsertCounts = { superseded: 0, inserted: 0, updated: 0, deleted: 0, deletedUnknown: 0 };
  /** First position not folded yet. */
  next: number;
  private readonly keyOf: (columns: Columns, row: number) => string;
  private readonly revisionField: number;
  private readonly operationField: number;
  private readonly deletes: ReadonlySet<string>;
  /** Of the restatements' fields, those that rows have, in the change stream's order; and which of these are kept. */
  private readonly rowFields: readonly number[];
  private readonly kept: readonly number[];
  /** What redactions have left of rows of this partition. */
  private erased: readonly BlankRecords[] = [];

  constructor(stream: Stream, next: number) {
    const { change } = stream;
    if (change === undefined)
      throw new SpeedError('NO_OPERATOR', `stream ${stream.name} is no change stream: no operator makes it`);
    const names = change.of.fields.map((field) => field.name);
    const rowNames = names.filter((name) => name !== change.operation?.field);
    this.next = next;
    this.keyOf = createRowKeyReader(change.of, change.key);
    this.revisionField = names.indexOf(change.revision);
    this.operationField = change.operation === null ? -1 : names.indexOf(change.operation.field);
    this.deletes = new Set(change.operation?.deletes);
    this.rowFields = rowNames.map((name) => names.indexOf(name));
    this.kept = change.keep.map((name) => rowNames.indexOf(name));
  }

  /**
   * From now on these rows are known by a hash of their key alone, and by their last revision: each had been taken away
   * (E21). All that redactions have erased of the partition is given, each time.
   */
  erase(blanks: readonly BlankRecords[]): void {
    this.erased = blanks.filter(({ rows }) => rows !== undefined);
    if (this.erased.length === 0) return;
    for (const [key, { revision }] of this.rows) {
      const gone = this.erasedRow(key);
      // A later restatement has a higher one, and is none of the redaction's business.
      if (gone !== undefined && gone.revision >= revision) this.rows.delete(key);
    }
  }

  private erasedRow(key: string): HeldRow | undefined {
    const revisions = this.erased.flatMap((of) => of.rows?.get(of.hashOf(key)) ?? []);
    return revisions.length === 0 ? undefined : { revision: Math.max(...revisions), values: null };
  }

  /** Folds the applied rows `[from, to)` of the columns and gives what they change. */
  apply(columns: Columns, from: number, to: number): Change[] {
    const changes: Change[] = [];
    for (let row = from; row < to; row++)
      if (columns.classes[row] === RecordClass.applied) this.restate(columns, row, changes);
    return changes;
  }

  private restate(columns: Columns, row: number, changes: Change[]): void {
    const key = this.keyOf(columns, row);
    const revision = Number(valueAt(columns, this.revisionField, row));
    const held = this.rows.get(key) ?? this.erasedRow(key);
    if (held !== undefined && revision <= held.revision) {
      this.counts.superseded++;
      return;
    }
    const before = held?.values ?? null;
    const after = this.isDelete(columns, row) ? null : this.stated(columns, row, before);
    this.rows.set(key, { revision, values: after });
    const offset = columns.offsets[row] ?? 0;
    if (before !== null) changes.push({ sign: -1, offset, ordinal: 0, values: before });
    if (after !== null) changes.push({ sign: 1, offset, ordinal: before === null ? 0 : 1, values: after });
    if (after !== null) this.counts[before === null ? 'inserted' : 'updated']++;
    else this.counts[before === null ? 'deletedUnknown' : 'deleted']++;
  }

  private isDelete(columns: Columns, row: number): boolean {
    if (this.operationField < 0) return false;
    const operation = valueAt(columns, this.operationField, row);
    return typeof operation === 'string' && this.deletes.has(operation);
  }

  private stated(columns: Columns, row: number, before: RowValues | null): RowValues {
    const values = this.rowFields.map((field) => valueAt(columns, field, row));
    if (before !== null) for (const field of this.kept) values[field] ??= before[field] ?? null;
    return values;
  }
}
