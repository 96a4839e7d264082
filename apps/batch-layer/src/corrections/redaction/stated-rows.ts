import type { ErasedRows, LoadedBlanks } from '@twofold/archive';
import { CorrectionError, createRowMatcher, firstAddedSource, type Selection } from '@twofold/corrections';
import {
  changeFields,
  createRowKeyReader,
  RecordClass,
  valueAt,
  type Columns,
  type Stream,
  type UpsertSource,
} from '@twofold/schemas';
import { isEvent, type CopiedRows } from './find-copies.ts';

interface LastRestatement {
  readonly revision: number;
  readonly offset: number;
  /** It takes the row away. */
  readonly deletes: boolean;
}

/**
 * Which rows of an upsert stream a selection means: those of which it hits a restatement, with all their restatements
 * below a cut. Then what was made of them: every change that one of these restatements brought.
 */
export class StatedRows {
  readonly #keys = new Set<string>();
  readonly #cut: readonly number[];
  readonly #change: UpsertSource;
  /** By partition and key: the restatement that holds, as the operator decides (E27). */
  readonly #last = new Map<number, Map<string, LastRestatement>>();
  /** By partition and key: how often it is stated, less how often it is taken back. */
  readonly #held = new Map<string, number>();

  /** @param cut by partition of the restatements: all that was made of what stands below it is archived */
  constructor(change: UpsertSource, cut: readonly number[]) {
    this.#change = change;
    this.#cut = cut;
  }

  /** How many rows are meant. */
  get count(): number {
    return this.#keys.size;
  }

  /** For each erased row what its operator has to know of it from then on. */
  get revisions(): ErasedRows {
    const revisionsOf = (rows: ReadonlyMap<string, LastRestatement>) =>
      new Map([...rows].map(([key, { revision }]) => [key, revision] as const));
    return new Map([...this.#last].map(([partition, rows]) => [partition, revisionsOf(rows)] as const));
  }

  /** Takes in the rows of which a restatement matches. */
  match(selection: Selection, source: number, columns: Columns): void {
    const { of, key } = this.#change;
    const { partition, offsets } = selection;
    if (partition !== null && partition !== source) return;
    const [matches, keyOf] = [createRowMatcher(of, selection), createRowKeyReader(of, key)];
    for (let row = 0; row < columns.count; row++) {
      const offset = columns.offsets[row] ?? 0;
      if (!this.#isBelow(source, offset) || !isEvent(columns.classes[row])) continue;
      if (offsets !== null && (offset < offsets.from || offset >= offsets.to)) continue;
      if (matches(columns, row)) this.#keys.add(keyOf(columns, row));
    }
  }

  /** Every restatement of these rows. */
  restatements(): CopiedRows {
    const { of, key } = this.#change;
    const keyOf = createRowKeyReader(of, key);
    return {
      isBelow: (source, offset) => this.#isBelow(source, offset),
      isMeant: (columns, row, source) => {
        const text = keyOf(columns, row);
        if (!this.#keys.has(text)) return false;
        if (columns.classes[row] === RecordClass.applied && source < firstAddedSource)
          this.#restate(source, text, columns, row);
        return true;
      },
    };
  }

  /** Files need not be in the log's order: of equal revisions the first one holds. */
  #restate(source: number, key: string, columns: Columns, row: number): void {
    const { of, revision: name, operation } = this.#change;
    const valueOf = (field: string | undefined) =>
      valueAt(
        columns,
        of.fields.findIndex((each) => each.name === field),
        row,
      );
    const [revision, offset] = [Number(valueOf(name)), columns.offsets[row] ?? 0];
    const rows = this.#last.get(source) ?? new Map<string, LastRestatement>();
    this.#last.set(source, rows);
    const known = rows.get(key);
    if (known !== undefined && (known.revision > revision || (known.revision === revision && known.offset < offset)))
      return;
    rows.set(key, {
      revision,
      offset,
      deletes: operation?.deletes.includes(String(valueOf(operation.field))) === true,
    });
  }

  /** Every change that a restatement of these rows below the cut brought, and rows of theirs that corrections added. */
  changes(stream: Stream): CopiedRows {
    const keyOf = createRowKeyReader(stream, this.#change.key);
    const [sign, offset] = [changeFields.sign, changeFields.offset].map((name) =>
      stream.fields.findIndex((field) => field.name === name),
    );
    return {
      isBelow: () => true,
      isMeant: (columns, row, source) => {
        const text = keyOf(columns, row);
        if (!this.#keys.has(text)) return false;
        if (source >= firstAddedSource) return true;
        if (!this.#isBelow(source, Number(valueAt(columns, offset ?? -1, row)))) return false;
        const place = `${source} ${text}`;
        if (columns.classes[row] === RecordClass.applied)
          this.#held.set(place, (this.#held.get(place) ?? 0) + Number(valueAt(columns, sign ?? -1, row)));
        return true;
      },
    };
  }

  /**
   * After restatements and changes were looked through. Throws ROW_HELD unless every row had been taken away.
   * @param erased by partition: rows that were erased before, which what is older than that does not bring back
   */
  requireTakenAway({ name }: Stream, erased: LoadedBlanks): void {
    const places = [...this.#held].flatMap(([place, times]) => (times === 0 ? [] : [place]));
    for (const [partition, rows] of this.#last)
      for (const [key, { revision, deletes }] of rows) {
        const before = (erased.get(partition) ?? []).flatMap((of) => of.rows?.get(of.hashOf(key)) ?? []);
        if (!deletes && revision > Math.max(-Infinity, ...before)) places.push(`${partition} ${key}`);
      }
    const held = new Set(places).size;
    if (held === 0) return;
    const { operation, of } = this.#change;
    const how =
      operation === null
        ? `stream ${name} declares no operation that takes rows away, so none of its rows can be erased`
        : `send a restatement of each to ${of.name} with ${operation.field} ${operation.deletes.join(' or ')} and a higher ${this.#change.revision}, as its source does when a row is deleted, and plan again`;
    throw new CorrectionError(
      'ROW_HELD',
      `${held} of the ${this.count} rows that are meant hold still in change stream ${name}: what comes of them later would take back what was erased. Take them away first: ${how}. Nothing was erased.`,
      { facts: { held, rows: this.count } },
    );
  }

  #isBelow(source: number, offset: number): boolean {
    return source >= firstAddedSource || offset < (this.#cut[source] ?? 0);
  }
}
