import type { Columns, Stream } from '@twofold/schemas';
import { expressionKey } from './components.ts';
import type { TextSource } from './component-state.ts';
import { compileNumber, compileText } from './evaluate.ts';
import type { Expr } from './expression.ts';
import { hashInput, type HashInput } from './hash-inputs.ts';
import { liftSource, valueSource, type LiftSource, type ValueSource } from './value-inputs.ts';
import type { View } from './view.ts';

/** Writes an expression's number of `rows[i]` into `into[i]`, NaN for null. */
export type NumberInput = (columns: Columns, rows: Int32Array, count: number, into: Float64Array) => void;

/** What the components of a view read: each expression once, however many components share it. */
export interface FoldInputs {
  readonly numbers: readonly NumberInput[];
  /** By component: index into `numbers`, or -1. */
  readonly numberOf: Int32Array;
  /** By component: the index of a plain field that it takes from its column, or -1: no other component reads its number. */
  readonly fieldOf: Int32Array;
  /** By component: where its text is read from, or null. */
  readonly textOf: readonly (TextSource | null)[];
  readonly hashes: readonly HashInput[];
  /** By component: index into `hashes`, or -1. */
  readonly hashOf: Int32Array;
  /** By component: where `countBy` reads its value, or null. */
  readonly valueOf: readonly (ValueSource | null)[];
  /** By component: what a reducer makes of a row, or null. */
  readonly liftOf: readonly (LiftSource | null)[];
}

export function createInputs(view: View): FoldInputs {
  const numbers: NumberInput[] = [];
  const known = new Map<string, number>();
  const hashes: HashInput[] = [];
  const hashKnown = new Map<string, number>();
  const hashOf = new Int32Array(view.components.length).fill(-1);
  const numberOf = new Int32Array(view.components.length).fill(-1);
  const textOf = view.components.map((component, i): TextSource | null => {
    if (component.kind === 'rows') return null;
    if (component.kind === 'lastTime') {
      numberOf[i] = numbers.push(timeInput) - 1;
      return null;
    }
    if (component.kind === 'countBy' || component.kind === 'reducer') return null;
    const { of } = component;
    if (component.kind === 'distinct') {
      const key = expressionKey(of);
      const index = hashKnown.get(key) ?? hashes.push(hashInput(of, view.stream)) - 1;
      hashKnown.set(key, index);
      hashOf[i] = index;
      return null;
    }
    if (of.type.kind === 'text') {
      if (component.kind !== 'count') return textSource(of, view.stream);
      numberOf[i] = numbers.push(presenceInput(of, view.stream)) - 1;
      return null;
    }
    const key = expressionKey(of);
    const index = known.get(key) ?? numbers.push(numberInput(of, view.stream)) - 1;
    known.set(key, index);
    numberOf[i] = index;
    return null;
  });
  const { components, stream } = view;
  return {
    ...{ numbers, numberOf, textOf, hashes, hashOf },
    fieldOf: fieldsOf(view, numberOf),
    valueOf: components.map((each) => (each.kind === 'countBy' ? valueSource(each.of, stream) : null)),
    liftOf: components.map((each) => (each.kind === 'reducer' ? liftSource(each.inputs, each.reducer, stream) : null)),
  };
}

/** Exact sums and extremes of fields that nobody else reads need no copy. */
function fieldsOf({ components, stream }: View, numberOf: Int32Array): Int32Array {
  return Int32Array.from(components, (component, i) => {
    const isTaken = component.kind === 'sum' || component.kind === 'min' || component.kind === 'max';
    if (!isTaken || component.of.op !== 'field' || (numberOf[i] ?? -1) < 0) return -1;
    if (numberOf.filter((number) => number === numberOf[i]).length > 1) return -1;
    const { field } = component.of;
    return stream.fields.findIndex(({ name }) => name === field);
  });
}

/** Event time, milliseconds. */
function timeInput({ eventTimes }: Columns, rows: Int32Array, count: number, into: Float64Array): void {
  for (let i = 0; i < count; i++) into[i] = (eventTimes[rows[i] ?? 0] ?? 0) + 0;
}

/** A plain field is copied straight from its column. */
export function numberInput(expr: Expr, stream: Stream): NumberInput {
  if (expr.op === 'field') {
    const field = stream.fields.findIndex(({ name }) => name === expr.field);
    return (columns, rows, count, into) => {
      const column = columns.fields[field];
      if (column?.kind !== 'number') return;
      const { values, valid } = column;
      for (let i = 0; i < count; i++) {
        const row = rows[i] ?? 0;
        into[i] = valid[row] === 1 ? (values[row] ?? NaN) : NaN;
      }
    };
  }
  const number = compileNumber(expr, stream);
  return (columns, rows, count, into) => {
    // -0 has no place in a partial.
    for (let i = 0; i < count; i++) into[i] = number(columns, rows[i] ?? 0) + 0;
  };
}

/** A count of texts only asks whether there is one. */
function presenceInput(expr: Expr, stream: Stream): NumberInput {
  const source = textSource(expr, stream);
  return (columns, rows, count, into) => {
    for (let i = 0; i < count; i++) into[i] = source(columns, rows[i] ?? 0) === null ? NaN : 1;
  };
}

/** A plain field's bytes are those of the dictionary; nothing is made of them. */
export function textSource(expr: Expr, stream: Stream): TextSource {
  if (expr.op === 'field') {
    const field = stream.fields.findIndex(({ name }) => name === expr.field);
    return (columns, row) => {
      const column = columns.fields[field];
      if (column?.kind !== 'text') return null;
      const id = column.ids[row] ?? -1;
      return id < 0 ? null : column.dictionary.bytes(id);
    };
  }
  const text = compileText(expr, stream);
  return (columns, row) => {
    const value = text(columns, row);
    return value === null ? null : textEncoder.encode(value);
  };
}

const textEncoder = new TextEncoder();
