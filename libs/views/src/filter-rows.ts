import type { Columns, Stream } from '@twofold/schemas';
import { compileCondition } from './evaluate.ts';
import type { Expr } from './expression.ts';
import { joinedLeaves, leafOf, type FilterLeaf } from './filter-leaves.ts';
import { eitherAmong } from './filter-pairs.ts';
import { rangeFilter } from './filter-ranges.ts';
import { textFilter } from './filter-texts.ts';

/**
 * A condition over many rows. Writes those for which it is TRUE into `into`, which has room for all, in their order, and
 * gives how many they are.
 */
export interface RowFilter {
  /** Of the rows `[from, to)`. */
  among(columns: Columns, from: number, to: number, into: Int32Array): number;
  /** Of the first `count` of `rows`, each once; `into` may be `rows`. */
  of(columns: Columns, rows: Int32Array, count: number, into: Int32Array): number;
}

/** One that can also set marks, by place among the rows that are asked, to 1 where it is TRUE; others stay as they are. */
export interface MarkingFilter extends RowFilter {
  markAmong(columns: Columns, from: number, to: number, marks: Uint8Array): void;
  markOf(columns: Columns, rows: Int32Array, count: number, marks: Uint8Array): void;
}

/**
 * What is asked most (a field beside a constant, and several of those at once) is one pass over the column; a pass
 * writes every row and moves on behind those that stay, so that nothing is guessed wrong.
 */
export function compileFilter(expr: Expr, stream: Stream): RowFilter {
  if (expr.op === 'and') return inTurn(allOf(expr.args, stream));
  if (expr.op === 'or') return anyOf(expr.args, stream);
  const leaf = leafOf(expr, stream);
  return leaf === null ? rowByRow(expr, stream) : leafFilter(leaf);
}

/** Leaves first: they look at whole columns. */
function allOf(args: readonly Expr[], stream: Stream): RowFilter[] {
  const leaves = args.map((arg) => leafOf(arg, stream));
  const others = args.filter((_, i) => leaves[i] === null);
  return [
    ...fewFirst(joinedLeaves(leaves.filter((leaf) => leaf !== null))).map(leafFilter),
    ...others.map((arg) => compileFilter(arg, stream)),
  ];
}

/** What leaves few rows is asked first: the others ask only those. */
function fewFirst(leaves: readonly FilterLeaf[]): FilterLeaf[] {
  return [...leaves.filter(({ leavesMany }) => !leavesMany), ...leaves.filter(({ leavesMany }) => leavesMany)];
}

function anyOf(args: readonly Expr[], stream: Stream): RowFilter {
  const filter = eitherOf(args.map((arg) => compileMarking(arg, stream)));
  const [first = null, second = null, ...others] = args.map((arg) => leafOf(arg, stream));
  if (first === null || second === null || others.length > 0) return filter;
  return { ...filter, among: eitherAmong(first, second) };
}

function compileMarking(expr: Expr, stream: Stream): MarkingFilter {
  const leaf = leafOf(expr, stream);
  return leaf === null ? marking(compileFilter(expr, stream)) : leafFilter(leaf);
}

function leafFilter(leaf: FilterLeaf): MarkingFilter {
  return leaf.kind === 'text' ? textFilter(leaf) : rangeFilter(leaf);
}

function inTurn([first, ...others]: readonly RowFilter[]): RowFilter {
  const rest = (columns: Columns, count: number, into: Int32Array): number => {
    let left = count;
    for (const filter of others) left = left === 0 ? 0 : filter.of(columns, into, left, into);
    return left;
  };
  return {
    among: (columns, from, to, into) => rest(columns, first?.among(columns, from, to, into) ?? 0, into),
    of: (columns, rows, count, into) => rest(columns, first?.of(columns, rows, count, into) ?? 0, into),
  };
}

function eitherOf(all: readonly MarkingFilter[]): RowFilter {
  let marks = new Uint8Array(0);
  const clear = (count: number): void => {
    if (marks.length < count) marks = new Uint8Array(count);
    marks.fill(0, 0, count);
  };
  return {
    among: (columns, from, to, into) => {
      clear(to - from);
      for (const filter of all) filter.markAmong(columns, from, to, marks);
      let left = 0;
      for (let row = from; row < to; row++) {
        into[left] = row;
        left += marks[row - from] ?? 0;
      }
      return left;
    },
    of: (columns, rows, count, into) => {
      clear(count);
      for (const filter of all) filter.markOf(columns, rows, count, marks);
      let left = 0;
      for (let i = 0; i < count; i++) {
        into[left] = rows[i] ?? 0;
        left += marks[i] ?? 0;
      }
      return left;
    },
  };
}

/** A filter keeps the order of rows: so a row that it has left is met again by going on from the last. */
function marking(filter: RowFilter): MarkingFilter {
  let some = new Int32Array(0);
  const reserve = (count: number): void => {
    if (some.length < count) some = new Int32Array(count);
  };
  return {
    ...filter,
    markAmong: (columns, from, to, marks) => {
      reserve(to - from);
      const found = filter.among(columns, from, to, some);
      for (let i = 0; i < found; i++) marks[(some[i] ?? 0) - from] = 1;
    },
    markOf: (columns, rows, count, marks) => {
      reserve(count);
      const found = filter.of(columns, rows, count, some);
      for (let i = 0, next = 0; next < found; i++) {
        const isNext = Number(rows[i] === some[next]);
        marks[i] = (marks[i] ?? 0) | isNext;
        next += isNext;
      }
    },
  };
}

function rowByRow(expr: Expr, stream: Stream): RowFilter {
  const condition = compileCondition(expr, stream);
  return {
    among: (columns, from, to, into) => {
      let left = 0;
      for (let row = from; row < to; row++) if (condition(columns, row)) into[left++] = row;
      return left;
    },
    of: (columns, rows, count, into) => {
      let left = 0;
      for (let i = 0; i < count; i++) {
        const row = rows[i] ?? 0;
        if (condition(columns, row)) into[left++] = row;
      }
      return left;
    },
  };
}
