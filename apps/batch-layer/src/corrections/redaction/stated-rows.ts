import type { ErasedRows } from '@twofold/archive';
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

/**
 * Which rows of an upsert stream a selection means: those of which it hits a restatement, with all their restatements
 * below a cut. Then what was made of them: every change that one of these restatements brought.
 */
export class StatedRows {
  readonly #keys = new Set<string>();
  readonly #cut: readonly number[];
  readonly #change: UpsertSource;
  /** By partition: the highest revision of each row, as its operator knows it. */
  readonly #revisions = new Map<number, Map<string, number>>();
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
    return this.#revisions;
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
    const { of, key, revision } = this.#change;
    const keyOf = createRowKeyReader(of, key);
    const revisionField = of.fields.findIndex(({ name }) => name === revision);
    return {
      isBelow: (source, offset) => this.#isBelow(source, offset),
      isMeant: (columns, row, source) => {
        const text = keyOf(columns, row);
        if (!this.#keys.has(text)) return false;
        if (columns.classes[row] === RecordClass.applied && source < firstAddedSource) {
          const known = this.#revisions.get(source) ?? new Map<string, number>();
          this.#revisions.set(source, known);
          known.set(text, Math.max(known.get(text) ?? -Infinity, Number(valueAt(columns, revisionField, row))));
        }
        return true;
      },
    };
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

  /** After the changes were looked through. Throws ROW_HELD unless every row had been taken away. */
  requireTakenAway({ name }: Stream): void {
    const held = [...this.#held.values()].filter((times) => times !== 0).length;
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
