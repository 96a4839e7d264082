import type { Expr } from '@twofold/views';
import { functionOf } from './evaluate-function.ts';
import { floorDivide } from './exact-number.ts';
import type { OracleEvent, Value } from './read-event.ts';

/** The value of an expression for an event: units, 0 and 1 for conditions, null for unknown (three-valued logic). */
export function evaluate(expr: Expr, event: OracleEvent): Value {
  const of = (inner: Expr): Value => evaluate(inner, event);
  switch (expr.op) {
    case 'field':
      return event.values.get(expr.field) ?? null;
    case 'literal':
      return literal(expr.value);
    case 'measure':
      throw new TypeError(`'${expr.measure}' is a measure, and events have none`);
    case 'isNull':
      return truth(of(expr.of) === null);
    case 'not':
      return map(integer(of(expr.of)), (value) => 1n - value);
    case 'negate':
      return map(integer(of(expr.of)), (value) => -value);
    case 'abs':
      return map(integer(of(expr.of)), (value) => (value < 0n ? -value : value));
    case 'sign':
      return map(integer(of(expr.of)), (value) => (value > 0n ? 1n : value < 0n ? -1n : 0n));
    case 'and':
      return junction(expr.args.map(of), 0n);
    case 'or':
      return junction(expr.args.map(of), 1n);
    case 'coalesce':
      return expr.args.map(of).find((value) => value !== null) ?? null;
    case 'if':
      return of(expr.condition) === 1n ? of(expr.then) : of(expr.else);
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      const [left, right] = [of(expr.left), of(expr.right)];
      return left === null || right === null ? null : truth(comparisons[expr.op](compareValues(left, right)));
    }
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'remainder':
    case 'modulo': {
      const [left, right] = [integer(of(expr.left)), integer(of(expr.right))];
      return left === null || right === null ? null : arithmetic[expr.op](left, right);
    }
    case 'oneOf': {
      const value = of(expr.of);
      return value === null ? null : truth(expr.values.some((member) => literal(member) === value));
    }
    case 'startsWith':
      return textTest(of(expr.of), (text) => text.startsWith(expr.text));
    case 'endsWith':
      return textTest(of(expr.of), (text) => text.endsWith(expr.text));
    case 'contains':
      return textTest(of(expr.of), (text) => text.includes(expr.text));
    case 'matches':
      return textTest(of(expr.of), (text) => new RegExp(`^(?:${expr.pattern})$`, 'u').test(text));
    case 'distinctFrom':
      return truth(of(expr.left) !== of(expr.right));
    case 'greatest':
    case 'least':
    case 'concat':
      return together(expr.op, expr.args.map(of));
    default:
      return functionOf(expr, of(expr.of));
  }
}

/** The greatest or least passes over null; what is put together with null is null. */
function together(op: 'greatest' | 'least' | 'concat', values: readonly Value[]): Value {
  const known = values.filter((value) => value !== null);
  if (op === 'concat') return known.length < values.length ? null : known.join('');
  const rising = known.toSorted(compareValues);
  return (op === 'least' ? rising[0] : rising.at(-1)) ?? null;
}

/** Is the condition true, and neither false nor null? */
export function holds(condition: Expr | null, event: OracleEvent): boolean {
  return condition === null || evaluate(condition, event) === 1n;
}

/** Numbers by size, texts by code point. */
export function compareValues(a: bigint | string, b: bigint | string): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [points(a), points(b)];
  const at = x.findIndex((point, i) => point !== y[i]);
  if (at === -1) return x.length - y.length;
  return (x[at] ?? 0) - (y[at] ?? -1);
}

function points(text: bigint | string): number[] {
  if (typeof text !== 'string') throw new TypeError('a number stands beside a text');
  return [...text].map((point) => point.codePointAt(0) ?? 0);
}

const comparisons = {
  eq: (order: number): boolean => order === 0,
  ne: (order: number): boolean => order !== 0,
  lt: (order: number): boolean => order < 0,
  lte: (order: number): boolean => order <= 0,
  gt: (order: number): boolean => order > 0,
  gte: (order: number): boolean => order >= 0,
};

const arithmetic = {
  add: (a: bigint, b: bigint): Value => a + b,
  subtract: (a: bigint, b: bigint): Value => a - b,
  multiply: (a: bigint, b: bigint): Value => a * b,
  divide: (a: bigint, b: bigint): Value => (b === 0n ? null : a / b),
  remainder: (a: bigint, b: bigint): Value => (b === 0n ? null : a % b),
  modulo: (a: bigint, b: bigint): Value => (b === 0n ? null : a - floorDivide(a, b) * b),
};

/** `and` is settled by a 0, `or` by a 1; else an unknown makes it unknown. */
function junction(values: readonly Value[], settling: bigint): Value {
  if (values.includes(settling)) return settling;
  return values.includes(null) ? null : 1n - settling;
}

function literal(value: number | string | boolean | null): Value {
  return typeof value === 'number' || typeof value === 'boolean' ? BigInt(value) : value;
}

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}

function integer(value: Value): bigint | null {
  if (typeof value === 'string') throw new TypeError('a text stands where a number is wanted');
  return value;
}

function map(value: bigint | null, change: (value: bigint) => bigint): bigint | null {
  return value === null ? null : change(value);
}

function textTest(value: Value, test: (text: string) => boolean): Value {
  if (typeof value === 'bigint') throw new TypeError('a number stands where a text is wanted');
  return value === null ? null : truth(test(value));
}
