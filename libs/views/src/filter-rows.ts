import type { Columns, Stream } from '@twofold/schemas';
import { compileCondition } from './evaluate.ts';
import type { Expr } from './expression.ts';
import { leafOf, type FilterLeaf } from './filter-leaves.ts';

/** Leaves, of the first `count` of `rows` (each once), those for which a condition is TRUE, in their order; gives how many they are. */
export type RowFilter = (columns: Columns, rows: Int32Array, count: number) => number;

/** Sets the mark of each of the first `count` of `rows` for which a condition is TRUE to 1. */
type RowMarks = (columns: Columns, rows: Int32Array, count: number, marks: Uint8Array) => void;

/**
 * A condition over many rows. What is asked most (a field beside a constant, and several of those at once) is one pass
 * over the column; a pass writes every row and moves on behind those that stay, so that nothing is guessed wrong.
 */
export function compileFilter(expr: Expr, stream: Stream): RowFilter {
  if (expr.op === 'and') return inTurn(expr.args.map((arg) => compileFilter(arg, stream)));
  if (expr.op === 'or') return eitherOf(expr.args.map((arg) => compileMarks(arg, stream)));
  const leaf = leafOf(expr, stream);
  if (leaf === null) return rowByRow(expr, stream);
  return leaf.kind === 'text' ? textFilter(leaf) : withinFilter(leaf);
}

function compileMarks(expr: Expr, stream: Stream): RowMarks {
  const leaf = leafOf(expr, stream);
  if (leaf === null) return marksOf(compileFilter(expr, stream));
  return leaf.kind === 'text' ? textMarks(leaf) : withinMarks(leaf);
}

function inTurn(filters: readonly RowFilter[]): RowFilter {
  return (columns, rows, count) => {
    let left = count;
    for (const filter of filters) left = left === 0 ? 0 : filter(columns, rows, left);
    return left;
  };
}

function eitherOf(all: readonly RowMarks[]): RowFilter {
  let marks = new Uint8Array(0);
  return (columns, rows, count) => {
    if (marks.length < count) marks = new Uint8Array(count);
    marks.fill(0, 0, count);
    for (const mark of all) mark(columns, rows, count, marks);
    let left = 0;
    for (let i = 0; i < count; i++) {
      rows[left] = rows[i] ?? 0;
      left += marks[i] ?? 0;
    }
    return left;
  };
}

/** A filter keeps the order of rows: so a row that it has left is met again by going on from the last. */
function marksOf(filter: RowFilter): RowMarks {
  let some = new Int32Array(0);
  return (columns, rows, count, marks) => {
    if (some.length < count) some = new Int32Array(count);
    some.set(rows.subarray(0, count));
    const found = filter(columns, some, count);
    for (let i = 0, next = 0; next < found; i++) {
      const isNext = Number(rows[i] === some[next]);
      marks[i] = (marks[i] ?? 0) | isNext;
      next += isNext;
    }
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

function textFilter({ column, verdicts }: Extract<FilterLeaf, { kind: 'text' }>): RowFilter {
  return (columns, rows, count) => {
    const { ids, dictionary } = column(columns);
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

function textMarks({ column, verdicts }: Extract<FilterLeaf, { kind: 'text' }>): RowMarks {
  return (columns, rows, count, marks) => {
    const { ids, dictionary } = column(columns);
    const known = verdicts.of(dictionary);
    for (let i = 0; i < count; i++) {
      const id = ids[rows[i] ?? 0] ?? -1;
      if (id < 0) continue;
      let verdict = known[id] ?? 0;
      if (verdict === 0) verdict = verdicts.ask(id);
      marks[i] = (marks[i] ?? 0) | (verdict - 1);
    }
  };
}

function withinFilter({ column, least, most, flip }: Extract<FilterLeaf, { kind: 'within' }>): RowFilter {
  return (columns, rows, count) => {
    const { values, valid } = column(columns);
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

function withinMarks({ column, least, most, flip }: Extract<FilterLeaf, { kind: 'within' }>): RowMarks {
  return (columns, rows, count, marks) => {
    const { values, valid } = column(columns);
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      const value = values[row] ?? 0;
      marks[i] = (marks[i] ?? 0) | ((valid[row] ?? 0) & ((Number(value >= least) & Number(value <= most)) ^ flip));
    }
  };
}
