import type { Columns, Stream, TextDictionary } from '@twofold/schemas';
import { numberInput, type NumberInput } from './fold-inputs.ts';
import type { KeyReader } from './fold-keys.ts';
import { internRow } from './intern-row.ts';
import type { KeyTable } from './key-table.ts';
import { PairTable } from './pair-table.ts';
import type { Dimension } from './view.ts';

/** No number of a dimension is as small. */
const nullNumber = -(2 ** 54);

/**
 * Dimensions that are numbers and plain texts, any number of them: a row's key is found by its numbers and the
 * dictionary's ids, two at a time, and its bytes are written only when it is seen first.
 */
export class IdKeyReader implements KeyReader {
  private readonly reads: readonly NumberInput[];
  private readonly textFields: readonly number[];
  private readonly intern: (columns: Columns, row: number) => number;
  /** Of dimension i + 1 and what was made of those before it; the only table of a single dimension. */
  private readonly pairs: readonly PairTable[];
  /** Key id + 1 by the last pair; 0 is unknown. */
  private known = new Int32Array(64);
  private dictionaries: (TextDictionary | null)[];
  private generations: number[];
  private ids = new Float64Array(0);
  private next = new Float64Array(0);

  constructor(dimensions: readonly Dimension[], stream: Stream, keys: KeyTable) {
    const fieldOf = (name: string): number => stream.fields.findIndex((field) => field.name === name);
    this.reads = dimensions.map(({ expr }) =>
      expr.op === 'field' && expr.type.kind === 'text' ? textIds(fieldOf(expr.field)) : numberInput(expr, stream),
    );
    this.textFields = dimensions.flatMap(({ expr }) =>
      expr.op === 'field' && expr.type.kind === 'text' ? [fieldOf(expr.field)] : [],
    );
    this.dictionaries = this.textFields.map(() => null);
    this.generations = this.textFields.map(() => -1);
    this.intern = internRow(dimensions, stream, keys);
    this.pairs = Array.from({ length: Math.max(1, dimensions.length - 1) }, () => new PairTable());
  }

  read(columns: Columns, rows: Int32Array, count: number, into: Int32Array): void {
    this.meetDictionaries(columns);
    if (this.ids.length < count) {
      this.ids = new Float64Array(count);
      this.next = new Float64Array(count);
    }
    const { ids, next, reads } = this;
    const [first, ...others] = reads;
    if (first === undefined) ids.fill(0, 0, count);
    else first(columns, rows, count, ids);
    next.fill(0, 0, count);
    this.pairs.forEach((pairs, i) => {
      others[i]?.(columns, rows, count, next);
      pairUp(pairs, ids, next, count);
    });
    for (let i = 0; i < count; i++) {
      const id = ids[i] ?? 0;
      let key = id < this.known.length ? (this.known[id] ?? 0) - 1 : -1;
      if (key < 0) {
        key = this.intern(columns, rows[i] ?? 0);
        this.remember(id, key);
      }
      into[i] = key;
    }
  }

  forget(): void {
    this.known.fill(0);
    for (const pairs of this.pairs) pairs.clear();
  }

  /** Ids are of one dictionary, and of one generation of it. */
  private meetDictionaries(columns: Columns): void {
    this.textFields.forEach((field, i) => {
      const column = columns.fields[field];
      if (column?.kind !== 'text') return;
      const { dictionary } = column;
      if (dictionary === this.dictionaries[i] && dictionary.generation === this.generations[i]) return;
      this.dictionaries[i] = dictionary;
      this.generations[i] = dictionary.generation;
      this.forget();
    });
  }

  private remember(id: number, key: number): void {
    if (id >= this.known.length) {
      const known = new Int32Array(Math.max(this.known.length * 2, id + 1));
      known.set(this.known);
      this.known = known;
    }
    this.known[id] = key + 1;
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

/** What was made of the dimensions so far, and the next dimension's numbers, into a number for both. */
function pairUp(pairs: PairTable, ids: Float64Array, next: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const first = ids[i] ?? NaN;
    const second = next[i] ?? NaN;
    ids[i] = pairs.intern(first === first ? first : nullNumber, second === second ? second : nullNumber);
  }
}
