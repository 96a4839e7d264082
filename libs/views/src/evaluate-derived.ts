import { wrongKind } from './evaluate-text.ts';
import type { Expr } from './expression.ts';

/** A finished measure by name; null is null. */
export type MeasureValue = (measure: string) => number | null;

/**
 * A derived value over finished measures: doubles in the measures' own measure (not units), a condition as 0 and 1.
 * Null spreads as in event expressions; a division by zero, and any result that is no finite number, is null.
 * Throws `INVALID_EXPRESSION` for an operator that measures do not have.
 */
export function derivedEvaluator(expr: Expr): (measures: MeasureValue) => number | null {
  const of = derived(expr);
  return (measures) => {
    const value = of(measures);
    return Number.isFinite(value) ? value + 0 : null;
  };
}

type Derived = (measures: MeasureValue) => number;

/** NaN is null within. */
function derived(expr: Expr): Derived {
  switch (expr.op) {
    case 'measure':
      return (measures) => measures(expr.measure) ?? NaN;
    case 'literal': {
      const value = expr.value === null ? NaN : Number(expr.value);
      return () => value;
    }
    case 'isNull': {
      const of = derived(expr.of);
      return (measures) => (Number.isFinite(of(measures)) ? 0 : 1);
    }
    case 'not': {
      const of = derived(expr.of);
      return (measures) => 1 - of(measures);
    }
    case 'negate': {
      const of = derived(expr.of);
      return (measures) => 0 - of(measures);
    }
    case 'abs': {
      const of = derived(expr.of);
      return (measures) => Math.abs(of(measures));
    }
    case 'and':
    case 'or': {
      const [settling, args] = [expr.op === 'and' ? 0 : 1, expr.args.map(derived)];
      return (measures) => {
        const values = args.map((arg) => arg(measures));
        return values.includes(settling) ? settling : values.some(Number.isNaN) ? NaN : 1 - settling;
      };
    }
    case 'coalesce': {
      const args = expr.args.map(derived);
      return (measures) => args.map((arg) => arg(measures)).find((value) => Number.isFinite(value)) ?? NaN;
    }
    case 'if': {
      const [test, yes, no] = [derived(expr.condition), derived(expr.then), derived(expr.else)];
      return (measures) => (test(measures) === 1 ? yes(measures) : no(measures));
    }
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return binary(operators[expr.op], derived(expr.left), derived(expr.right));
    default:
      throw wrongKind(expr, 'a derived value');
  }
}

const operators = {
  add: (a: number, b: number): number => a + b,
  subtract: (a: number, b: number): number => a - b,
  multiply: (a: number, b: number): number => a * b,
  divide: (a: number, b: number): number => (b === 0 ? NaN : a / b),
  eq: (a: number, b: number): number => Number(a === b),
  ne: (a: number, b: number): number => Number(a !== b),
  lt: (a: number, b: number): number => Number(a < b),
  lte: (a: number, b: number): number => Number(a <= b),
  gt: (a: number, b: number): number => Number(a > b),
  gte: (a: number, b: number): number => Number(a >= b),
};

/** An overflow is null at once, so that it compares and tests as null too. */
function binary(operator: (a: number, b: number) => number, left: Derived, right: Derived): Derived {
  return (measures) => {
    const [a, b] = [left(measures), right(measures)];
    const value = Number.isNaN(a) || Number.isNaN(b) ? NaN : operator(a, b);
    return Number.isFinite(value) ? value : NaN;
  };
}
