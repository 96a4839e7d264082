import type { Columns, Stream, TextDictionary } from '@twofold/schemas';
import { numberInput, type NumberInput } from './fold-inputs.ts';
import { internRow } from './intern-row.ts';
import { KeyTable } from './key-table.ts';
import { PairTable } from './pair-table.ts';
import type { Dimension } from './view.ts';

/** Gives rows their numbers; what it knows it keeps until `forget`. */
export interface GroupFinder {
  readonly size: number;
  /** What it knows is not of these columns. */
  isStale(columns: Columns): boolean;
  forget(): void;
  /** Numbers of the first `count` of `rows` into `ofRow`, by row. */
  find(columns: Columns, rows: Int32Array, count: number, ofRow: Int32Array): void;
}

/** No number of a dimension is as small. */
const nullNumber = -(2 ** 54);

/** Dimensions that are numbers and plain texts, any number of them: their numbers and dictionary ids, two at a time. */
export class PairedNumbers implements GroupFinder {
  private readonly inputs: readonly NumberInput[];
  private readonly textFields: readonly number[];
  /** Of dimension i + 1 and what was made of those before it; the only table of a single dimension. */
  private readonly pairs: readonly PairTable[];
  private readonly dictionaries: DictionaryWatch;
  private made = new Float64Array(0);
  private next = new Float64Array(0);

  constructor(dimensions: readonly Dimension[], fields: readonly (number | null)[], stream: Stream) {
    this.inputs = dimensions.map(({ expr }, i) => {
      const field = fields[i] ?? null;
      return field === null ? numberInput(expr, stream) : textIds(field);
    });
    this.textFields = fields.flatMap((field) => field ?? []);
    this.dictionaries = new DictionaryWatch(this.textFields.length);
    this.pairs = Array.from({ length: Math.max(1, dimensions.length - 1) }, () => new PairTable());
  }

  /** Pairs that others are made of are as many at the most. */
  get size(): number {
    return this.pairs.at(-1)?.size ?? 0;
  }

  isStale(columns: Columns): boolean {
    let stale = false;
    this.textFields.forEach((field, i) => {
      const column = columns.fields[field];
      if (column?.kind === 'text' && this.dictionaries.hasBegun(i, column.dictionary)) stale = true;
    });
    return stale;
  }

  forget(): void {
    for (const pairs of this.pairs) pairs.clear();
  }

  find(columns: Columns, rows: Int32Array, count: number, ofRow: Int32Array): void {
    if (this.next.length < count) {
      this.made = new Float64Array(count);
      this.next = new Float64Array(count);
    }
    const { made, next, pairs } = this;
    const [first, ...others] = this.inputs;
    if (first === undefined) made.fill(0, 0, count);
    else first(columns, rows, count, made);
    next.fill(0, 0, count);
    for (let i = 0; i < pairs.length; i++) {
      others[i]?.(columns, rows, count, next);
      pairs[i]?.internAll(made, next, count, nullNumber);
    }
    for (let i = 0; i < count; i++) ofRow[rows[i] ?? 0] = made[i] ?? 0;
  }
}

/** Any dimensions: the key's bytes are written for every row. */
export class WrittenKeys implements GroupFinder {
  private readonly keys = new KeyTable(1);
  private readonly intern: (columns: Columns, row: number) => number;

  constructor(dimensions: readonly Dimension[], stream: Stream) {
    this.intern = internRow(dimensions, stream, this.keys);
  }

  get size(): number {
    return this.keys.size;
  }

  isStale(): boolean {
    return false;
  }

  forget(): void {
    this.keys.clear();
  }

  find(columns: Columns, rows: Int32Array, count: number, ofRow: Int32Array): void {
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      ofRow[row] = this.intern(columns, row);
    }
  }
}

/** Tells when the dictionary of a column is another, or has begun anew. */
export class DictionaryWatch {
  private readonly dictionaries: (TextDictionary | null)[];
  private readonly generations: number[];

  constructor(columns: number) {
    this.dictionaries = Array.from({ length: columns }, () => null);
    this.generations = this.dictionaries.map(() => -1);
  }

  hasBegun(i: number, dictionary: TextDictionary): boolean {
    if (dictionary === this.dictionaries[i] && dictionary.generation === this.generations[i]) return false;
    this.dictionaries[i] = dictionary;
    this.generations[i] = dictionary.generation;
    return true;
  }
}

/** The dictionary's ids; null is -1. */
function textIds(field: number): NumberInput {
  return (columns, rows, count, into) => {
    const column = columns.fields[field];
    if (column?.kind !== 'text') return;
    const { ids } = column;
    for (let i = 0; i < count; i++) into[i] = ids[rows[i] ?? 0] ?? -1;
  };
}
