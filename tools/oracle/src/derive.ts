import type { Expr } from '@twofold/views';
import type { Presented } from './present-value.ts';

/**
 * A derived value of finished measures: doubles, null where a measure is, where it is divided by zero or where the
 * result is no finite number. A condition is true, false or null.
 */
export function derive(expr: Expr, measures: ReadonlyMap<string, Presented>): Presented {
  const value = derived(expr, measures);
  if (value === null) return null;
  return expr.type.kind === 'boolean' ? value === 1 : value + 0;
}

/** Conditions are 0 and 1 within. */
function derived(expr: Expr, measures: ReadonlyMap<string, Presented>): number | null {
  const of = (inner: Expr): number | null => derived(inner, measures);
  switch (expr.op) {
    case 'measure':
      return asDouble(measures.get(expr.measure) ?? null);
    case 'literal':
      return expr.value === null ? null : Number(expr.value);
    case 'isNull':
      return of(expr.of) === null ? 1 : 0;
    case 'not':
      return unless(of(expr.of), (value) => 1 - value);
    case 'negate':
      return unless(of(expr.of), (value) => 0 - value);
    case 'abs':
      return unless(of(expr.of), Math.abs);
    case 'and':
    case 'or': {
      const [values, settling] = [expr.args.map(of), expr.op === 'and' ? 0 : 1];
      return values.includes(settling) ? settling : values.includes(null) ? null : 1 - settling;
    }
    case 'coalesce':
      return expr.args.map(of).find((value) => value !== null) ?? null;
    case 'if':
      return of(expr.condition) === 1 ? of(expr.then) : of(expr.else);
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      const [left, right] = [of(expr.left), of(expr.right)];
      return left === null || right === null ? null : finite(Number(operators[expr.op](left, right)));
    }
    default:
      throw new TypeError(`'${expr.op}' is no operator of derived values`);
  }
}

const operators = {
  add: (a: number, b: number): number => a + b,
  subtract: (a: number, b: number): number => a - b,
  multiply: (a: number, b: number): number => a * b,
  divide: (a: number, b: number): number => (b === 0 ? NaN : a / b),
  eq: (a: number, b: number): boolean => a === b,
  ne: (a: number, b: number): boolean => a !== b,
  lt: (a: number, b: number): boolean => a < b,
  lte: (a: number, b: number): boolean => a <= b,
  gt: (a: number, b: number): boolean => a > b,
  gte: (a: number, b: number): boolean => a >= b,
};

/** The nearest double of a measure; a text that is no number has none. */
function asDouble(value: Presented): number | null {
  return value === null || typeof value === 'object' ? null : finite(Number(value));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function unless(value: number | null, change: (value: number) => number): number | null {
  return value === null ? null : change(value);
}
