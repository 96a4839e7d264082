import type { Columns } from '@twofold/schemas';
import type { TextOf, TruthOf } from './evaluate-text.ts';
import type { CompareOp } from './expression-operators.ts';
import type { ArithmeticOp } from './expression-ranges.ts';

export type NumberOf = (columns: Columns, row: number) => number;

/**
 * Arithmetic on integers in doubles. Declared ranges keep every result within 2^53, so each is exact.
 * NaN is null and spreads by itself; a division by zero is NaN. `+ 0` turns -0 into 0.
 */
export function arithmeticOn(op: ArithmeticOp, left: NumberOf, right: NumberOf): NumberOf {
  switch (op) {
    case 'add':
      return (columns, row) => left(columns, row) + right(columns, row);
    case 'subtract':
      return (columns, row) => left(columns, row) - right(columns, row);
    case 'multiply':
      return (columns, row) => left(columns, row) * right(columns, row) + 0;
    case 'divide':
      return (columns, row) => quotient(left(columns, row), right(columns, row));
    case 'remainder':
      return (columns, row) => (left(columns, row) % right(columns, row)) + 0;
    case 'modulo':
      return (columns, row) => modulo(left(columns, row), right(columns, row));
  }
}

/** One closure an operator: an operator chosen by a look-up at each row costs several times as much. */
export function compareNumbers(op: CompareOp, left: NumberOf, right: NumberOf): NumberOf {
  switch (op) {
    case 'eq':
      return (columns, row) => {
        const a = left(columns, row);
        const b = right(columns, row);
        return a === b ? 1 : falseOrNull(a, b);
      };
    case 'lt':
      return (columns, row) => {
        const a = left(columns, row);
        const b = right(columns, row);
        return a < b ? 1 : falseOrNull(a, b);
      };
    case 'lte':
      return (columns, row) => {
        const a = left(columns, row);
        const b = right(columns, row);
        return a <= b ? 1 : falseOrNull(a, b);
      };
    case 'ne': {
      const equal = compareNumbers('eq', left, right);
      return (columns, row) => 1 - equal(columns, row);
    }
    case 'gt':
      return compareNumbers('lt', right, left);
    case 'gte':
      return compareNumbers('lte', right, left);
  }
}

/** A comparison that is not true: null where an operand is. */
function falseOrNull(a: number, b: number): number {
  return a === a && b === b ? 0 : NaN;
}

/** Truncated. Subtracting the remainder first leaves a division without one, which no double rounds. */
function quotient(a: number, b: number): number {
  return (a - (a % b)) / b + 0;
}

/** The remainder with the divisor's sign. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest + 0;
}

export function firstNumber(args: readonly NumberOf[]): NumberOf {
  return (columns, row) => {
    for (const arg of args) {
      const value = arg(columns, row);
      if (value === value) return value;
    }
    return NaN;
  };
}

export function firstText(args: readonly TextOf[]): TextOf {
  return (columns, row) => {
    for (const arg of args) {
      const value = arg(columns, row);
      if (value !== null) return value;
    }
    return null;
  };
}

export function chosenNumber(test: TruthOf, yes: NumberOf, no: NumberOf): NumberOf {
  return (columns, row) => (test(columns, row) === 1 ? yes(columns, row) : no(columns, row));
}

/** `and` is settled by a 0, `or` by a 1; else a null makes it null. */
export function junction(settling: 0 | 1, args: readonly TruthOf[]): TruthOf {
  const [first, ...others] = args;
  if (first === undefined) return () => 1 - settling;
  if (others.length === 0) return first;
  const rest = junction(settling, others);
  return (columns, row) => {
    const a = first(columns, row);
    if (a === settling) return settling;
    const b = rest(columns, row);
    return b === settling ? settling : a === a ? b : NaN;
  };
}

export function isOrdered(op: CompareOp, order: number): boolean {
  switch (op) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
  }
}
