import { patternTestOf } from './evaluate-functions.ts';
import { isOrdered } from './evaluate-operators.ts';
import { compareCodePoints } from './evaluate-text.ts';
import type { Expr } from './expression.ts';

/** A condition that asks something of one text which never changes. */
export interface TextTest {
  readonly of: Expr;
  readonly test: (text: string) => boolean;
}

/** Null: the condition is of another kind. */
export function textTestOf(expr: Expr): TextTest | null {
  switch (expr.op) {
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      const { op, left, right } = expr;
      if (left.type.kind !== 'text' || right.op !== 'literal' || typeof right.value !== 'string') return null;
      const { value } = right;
      return { of: left, test: (text) => isOrdered(op, compareCodePoints(text, value)) };
    }
    case 'oneOf': {
      if (expr.of.type.kind !== 'text') return null;
      const members = new Set<number | string>(expr.values);
      return { of: expr.of, test: (text) => members.has(text) };
    }
    case 'startsWith':
      return { of: expr.of, test: (text) => text.startsWith(expr.text) };
    case 'endsWith':
      return { of: expr.of, test: (text) => text.endsWith(expr.text) };
    case 'contains':
      return { of: expr.of, test: (text) => text.includes(expr.text) };
    case 'matches':
      return { of: expr.of, test: patternTestOf(expr.pattern) };
    default:
      return null;
  }
}
