import type { Columns, NumberColumn, Stream, TextColumn } from '@twofold/schemas';
import { fieldIndex, wrongColumn } from './evaluate-text.ts';
import type { Expr } from './expression.ts';
import type { CompareOp } from './expression-operators.ts';
import { textTestOf } from './text-tests.ts';
import { TextVerdicts } from './text-verdicts.ts';

/** A condition that asks one thing of one column. */
export type FilterLeaf =
  /** Is the number within a range or, with `flip` 1, is it not? Null is neither. */
  | {
      readonly kind: 'within';
      readonly field: string;
      readonly column: (columns: Columns) => NumberColumn;
      readonly least: number;
      readonly most: number;
      readonly flip: 0 | 1;
      /** As below. */
      readonly leavesMany: boolean;
    }
  | {
      readonly kind: 'text';
      readonly column: (columns: Columns) => TextColumn;
      readonly verdicts: TextVerdicts;
      /** By what is asked: a boolean has two values, and all values but one are many. */
      readonly leavesMany: boolean;
    };

/** Null: it is another condition. */
export function leafOf(expr: Expr, stream: Stream): FilterLeaf | null {
  if (expr.op === 'field' && expr.type.kind === 'boolean')
    return { ...withinLeaf(expr.field, stream, [1, 1], 0), leavesMany: true };
  const text = textTestOf(expr);
  if (text !== null && text.of.op === 'field')
    return {
      kind: 'text',
      column: textColumn(text.of.field, stream),
      verdicts: new TextVerdicts(text.test),
      leavesMany: expr.op === 'ne',
    };
  switch (expr.op) {
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      const { op, left, right } = expr;
      if (left.op !== 'field' || right.op !== 'literal' || typeof right.value !== 'number') return null;
      return withinLeaf(left.field, stream, rangeOf(op, right.value), op === 'ne' ? 1 : 0);
    }
    default:
      return null;
  }
}

/** What several leaves ask together: of one field's ranges only what they have in common is left. */
export function joinedLeaves(leaves: readonly FilterLeaf[]): FilterLeaf[] {
  const joined: FilterLeaf[] = [];
  for (const leaf of leaves) {
    const at = joined.findIndex((other) => isRangeOf(leaf, other));
    const other = joined[at];
    if (other?.kind !== 'within' || leaf.kind !== 'within') joined.push(leaf);
    else joined[at] = { ...other, least: Math.max(other.least, leaf.least), most: Math.min(other.most, leaf.most) };
  }
  return joined;
}

/** Both ask for a range of the same field. */
function isRangeOf(a: FilterLeaf, b: FilterLeaf): boolean {
  return a.kind === 'within' && b.kind === 'within' && a.field === b.field && a.flip === 0 && b.flip === 0;
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

function withinLeaf(field: string, stream: Stream, [least, most]: readonly [number, number], flip: 0 | 1): FilterLeaf {
  const index = fieldIndex(field, stream);
  return {
    kind: 'within',
    field,
    column: ({ fields }) => {
      const column = fields[index];
      if (column?.kind !== 'number') throw wrongColumn(field, 'number');
      return column;
    },
    ...{ least, most, flip, leavesMany: flip === 1 },
  };
}

function textColumn(field: string, stream: Stream): (columns: Columns) => TextColumn {
  const index = fieldIndex(field, stream);
  return ({ fields }) => {
    const column = fields[index];
    if (column?.kind !== 'text') throw wrongColumn(field, 'text');
    return column;
  };
}
