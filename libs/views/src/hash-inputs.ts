import type { Columns, Stream, TextDictionary } from '@twofold/schemas';
import { compileNumber } from './evaluate.ts';
import type { Expr } from './expression.ts';
import { textSource } from './fold-inputs.ts';
import { ValueHash } from './value-hash.ts';

/** Hashes of the values of a block of events, in halves of 30 bits; a first half of -1 is null. */
export interface Hashes {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

/** Writes the hash of an expression's value of `rows[i]` into `into` at i, for i below `count`. */
export type HashInput = (columns: Columns, rows: Int32Array, count: number, into: Hashes) => void;

export function hashInput(expr: Expr, stream: Stream): HashInput {
  if (expr.type.kind !== 'text') return numberHashes(expr, stream);
  if (expr.op === 'field') return fieldHashes(stream.fields.findIndex(({ name }) => name === expr.field));
  const source = textSource(expr, stream);
  const hash = new ValueHash();
  return (columns, rows, count, { high, low }) => {
    for (let i = 0; i < count; i++) {
      const bytes = source(columns, rows[i] ?? 0);
      if (bytes !== null) hash.ofBytes(bytes, 0, bytes.length);
      high[i] = bytes === null ? -1 : hash.high;
      low[i] = hash.low;
    }
  };
}

/** A plain text is hashed once a dictionary. */
function fieldHashes(field: number): HashInput {
  const hash = new ValueHash();
  /** By dictionary id: first half + 1 (0 is unknown), and the other. */
  let known = new Int32Array(1 << 10);
  let of: TextDictionary | null = null;
  let generation = -1;
  return (columns, rows, count, { high, low }) => {
    const column = columns.fields[field];
    if (column?.kind !== 'text') return;
    const { ids, dictionary } = column;
    if (dictionary !== of || dictionary.generation !== generation) {
      known.fill(0);
      of = dictionary;
      generation = dictionary.generation;
    }
    if (dictionary.size * 2 > known.length) {
      const grown = new Int32Array(Math.max(known.length * 2, dictionary.size * 2));
      grown.set(known);
      known = grown;
    }
    for (let i = 0; i < count; i++) {
      const id = ids[rows[i] ?? 0] ?? -1;
      if (id >= 0 && known[id * 2] === 0) {
        const bytes = dictionary.bytes(id);
        hash.ofBytes(bytes, 0, bytes.length);
        known[id * 2] = hash.high + 1;
        known[id * 2 + 1] = hash.low;
      }
      high[i] = id < 0 ? -1 : (known[id * 2] ?? 0) - 1;
      low[i] = known[id * 2 + 1] ?? 0;
    }
  };
}

/** Numbers remembered; a place of the memory is the last one that fell there. */
const numbersKnown = 1 << 12;

function numberHashes(expr: Expr, stream: Stream): HashInput {
  const number = compileNumber(expr, stream);
  const hash = new ValueHash();
  const values = new Float64Array(numbersKnown).fill(NaN);
  const known = new Int32Array(numbersKnown * 2);
  return (columns, rows, count, { high, low }) => {
    for (let i = 0; i < count; i++) {
      const value = number(columns, rows[i] ?? 0) + 0;
      if (value !== value) {
        high[i] = -1;
        continue;
      }
      const place = Math.imul(value ^ (value / 0x1_0000_0000), 0x9e3779b1) >>> 20;
      if (values[place] !== value) {
        hash.ofNumber(value);
        values[place] = value;
        known[place * 2] = hash.high;
        known[place * 2 + 1] = hash.low;
      }
      high[i] = known[place * 2] ?? 0;
      low[i] = known[place * 2 + 1] ?? 0;
    }
  };
}
