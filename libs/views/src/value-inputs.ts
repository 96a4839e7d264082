import type { CanonicalValue, Columns, Stream, TextDictionary } from '@twofold/schemas';
import { compileNumber, compileText } from './evaluate.ts';
import type { Expr } from './expression.ts';
import type { Reducer, ReducerValue } from './reducer.ts';
import type { ReducerInput } from './view.ts';

/** An expression's value of a row as its canonical text, null for null: a text as it is, a number in column units. */
export type ValueSource = (columns: Columns, row: number) => string | null;

/** What a reducer makes of a row. */
export type LiftSource = (columns: Columns, row: number) => CanonicalValue;

export function valueSource(expr: Expr, stream: Stream): ValueSource {
  if (expr.type.kind === 'text') return textValues(expr, stream);
  const number = compileNumber(expr, stream);
  return (columns, row) => {
    const value = number(columns, row) + 0;
    return value === value ? String(value) : null;
  };
}

export function liftSource(inputs: readonly ReducerInput[], { lift }: Reducer, stream: Stream): LiftSource {
  const sources = inputs.map(({ name, expr }) => [name, reducerValue(expr, stream)] as const);
  return (columns, row) => {
    const values: Record<string, ReducerValue> = {};
    for (const [name, value] of sources) values[name] = value(columns, row);
    return lift(values);
  };
}

function reducerValue(expr: Expr, stream: Stream): (columns: Columns, row: number) => ReducerValue {
  if (expr.type.kind === 'text') return textValues(expr, stream);
  const number = compileNumber(expr, stream);
  const isBoolean = expr.type.kind === 'boolean';
  return (columns, row) => {
    const value = number(columns, row) + 0;
    if (value !== value) return null;
    return isBoolean ? value === 1 : value;
  };
}

/** A plain text is decoded once a dictionary. */
function textValues(expr: Expr, stream: Stream): ValueSource {
  if (expr.op !== 'field') return compileText(expr, stream);
  const field = stream.fields.findIndex(({ name }) => name === expr.field);
  let known: (string | undefined)[] = [];
  let of: TextDictionary | null = null;
  let generation = -1;
  return (columns, row) => {
    const column = columns.fields[field];
    if (column?.kind !== 'text') return null;
    const { ids, dictionary } = column;
    const id = ids[row] ?? -1;
    if (id < 0) return null;
    if (dictionary !== of || dictionary.generation !== generation) {
      known = [];
      of = dictionary;
      generation = dictionary.generation;
    }
    return (known[id] ??= dictionary.text(id));
  };
}
