import type { Columns, Stream } from '@twofold/schemas';
import { compileCondition } from './evaluate.ts';
import { fieldIndex, wrongColumn } from './evaluate-text.ts';
import type { Expr } from './expression.ts';
import type { CompareOp } from './expression-operators.ts';
import { textTestOf } from './text-tests.ts';
import { TextVerdicts } from './text-verdicts.ts';

/** Leaves, of the first `count` of `rows` (each once), those for which a condition is TRUE, in their order; gives how many they are. */
export type RowFilter = (columns: Columns, rows: Int32Array, count: number) => number;

/**
 * A condition over many rows. What is asked most (a field beside a constant, and several of those at once) is one pass
 * over the column; a pass writes every row and moves on behind those that stay, so that nothing is guessed wrong.
 */
export function compileFilter(expr: Expr, stream: Stream): RowFilter {
  if (expr.op === 'and') return inTurn(expr.args.map((arg) => compileFilter(arg, stream)));
  if (expr.op === 'or') return eitherOf(expr.args.map((arg) => compileFilter(arg, stream)));
  if (expr.op === 'field' && expr.type.kind === 'boolean') return withinFilter(expr.field, stream, [1, 1], true);
  const text = textTestOf(expr);
  if (text !== null && text.of.op === 'field') return textFilter(text.of.field, stream, text.test);
  return comparisonFilter(expr, stream) ?? rowByRow(expr, stream);
}

function inTurn(filters: readonly RowFilter[]): RowFilter {
  return (columns, rows, count) => {
    let left = count;
    for (const filter of filters) left = left === 0 ? 0 : filter(columns, rows, left);
    return left;
  };
}

/** Each is asked of all rows, and keeps their order: so a row that one has left is met again by going on from the last. */
function eitherOf(filters: readonly RowFilter[]): RowFilter {
  let some = new Int32Array(0);
  let kept = new Uint8Array(0);
  return (columns, rows, count) => {
    if (some.length < count) {
      some = new Int32Array(count);
      kept = new Uint8Array(count);
    }
    kept.fill(0, 0, count);
    for (const filter of filters) {
      some.set(rows.subarray(0, count));
      const found = filter(columns, some, count);
      for (let i = 0, next = 0; next < found; i++) {
        const isNext = Number(rows[i] === some[next]);
        kept[i] = (kept[i] ?? 0) | isNext;
        next += isNext;
      }
    }
    let left = 0;
    for (let i = 0; i < count; i++) {
      rows[left] = rows[i] ?? 0;
      left += kept[i] ?? 0;
    }
    return left;
  };
}

function rowByRow(expr: Expr, stream: Stream): RowFilter {
  const condition = compileCondition(expr, stream);
  return (columns, rows, count) => {
    let left = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      if (condition(columns, row)) rows[left++] = row;
    }
    return left;
  };
}

function textFilter(field: string, stream: Stream, test: (text: string) => boolean): RowFilter {
  const index = fieldIndex(field, stream);
  const verdicts = new TextVerdicts(test);
  return (columns, rows, count) => {
    const column = columns.fields[index];
    if (column?.kind !== 'text') throw wrongColumn(field, 'text');
    const { ids, dictionary } = column;
    const known = verdicts.of(dictionary);
    let left = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      const id = ids[row] ?? -1;
      if (id < 0) continue;
      let verdict = known[id] ?? 0;
      if (verdict === 0) verdict = verdicts.ask(id);
      rows[left] = row;
      left += verdict - 1;
    }
    return left;
  };
}

/** Of a number's field and a constant; null: it is another condition. */
function comparisonFilter(expr: Expr, stream: Stream): RowFilter | null {
  switch (expr.op) {
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      const { op, left, right } = expr;
      if (left.op !== 'field' || right.op !== 'literal' || typeof right.value !== 'number') return null;
      return withinFilter(left.field, stream, rangeOf(op, right.value), op !== 'ne');
    }
    default:
      return null;
  }
}

/** No field goes further, and neighbours beyond it are not told apart. */
const largest = 2 ** 53;

/** The whole numbers of at most 2^53 in size that stand so to a constant, which is one; of `ne`, those that do not. */
function rangeOf(op: CompareOp, constant: number): readonly [least: number, most: number] {
  switch (op) {
    case 'eq':
    case 'ne':
      return [constant, constant];
    case 'lt':
      return [-Infinity, constant > -largest ? constant - 1 : -Infinity];
    case 'lte':
      return [-Infinity, constant];
    case 'gt':
      return [constant < largest ? constant + 1 : Infinity, Infinity];
    case 'gte':
      return [constant, Infinity];
  }
}

/** Rows whose number is within a range, or, unless `inside`, is not; null is neither. */
function withinFilter(
  field: string,
  stream: Stream,
  [least, most]: readonly [number, number],
  inside: boolean,
): RowFilter {
  const index = fieldIndex(field, stream);
  const flip = inside ? 0 : 1;
  return (columns, rows, count) => {
    const column = columns.fields[index];
    if (column?.kind !== 'number') throw wrongColumn(field, 'number');
    const { values, valid } = column;
    let left = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      const value = values[row] ?? 0;
      rows[left] = row;
      left += (valid[row] ?? 0) & ((Number(value >= least) & Number(value <= most)) ^ flip);
    }
    return left;
  };
}
