/** Inclusive bounds of an integer, exact whatever their size. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

export type ArithmeticOp = 'add' | 'subtract' | 'multiply' | 'divide' | 'remainder' | 'modulo';

/** Every result of the operator on operands in these ranges lies in the range returned (it may be wider than needed). */
export function rangeOfArithmetic(op: ArithmeticOp, left: Range, right: Range): Range {
  switch (op) {
    case 'add':
      return { min: left.min + right.min, max: left.max + right.max };
    case 'subtract':
      return { min: left.min - right.max, max: left.max - right.min };
    case 'multiply':
      return hull([left.min * right.min, left.min * right.max, left.max * right.min, left.max * right.max]);
    case 'divide':
      return quotients(left, right);
    case 'remainder': {
      const size = largest([magnitude(right) - 1n, 0n]);
      return {
        min: left.min < 0n ? -smallest([size, magnitude(left)]) : 0n,
        max: left.max > 0n ? smallest([size, left.max]) : 0n,
      };
    }
    case 'modulo':
      return { min: right.min < 0n ? right.min + 1n : 0n, max: right.max > 0n ? right.max - 1n : 0n };
  }
}

export function negatedRange({ min, max }: Range): Range {
  return { min: -max, max: -min };
}

export function absoluteRange(range: Range): Range {
  const crossesZero = range.min <= 0n && range.max >= 0n;
  return { min: crossesZero ? 0n : smallest([abs(range.min), abs(range.max)]), max: magnitude(range) };
}

export function hull(values: readonly bigint[]): Range {
  return { min: smallest(values), max: largest(values) };
}

/** The largest absolute value in a range. */
export function magnitude(range: Range): bigint {
  return largest([abs(range.min), abs(range.max)]);
}

/** Truncated quotients are extreme at the ends of both ranges, and beside zero where the divisor may be that small. */
function quotients(left: Range, right: Range): Range {
  const divisors = [right.min, right.max, -1n, 1n].filter(
    (divisor) => divisor !== 0n && divisor >= right.min && divisor <= right.max,
  );
  return divisors.length === 0
    ? { min: 0n, max: 0n }
    : hull(divisors.flatMap((by) => [left.min / by, left.max / by, 0n]));
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function smallest(values: readonly bigint[]): bigint {
  return values.reduce((least, value) => (value < least ? value : least));
}

function largest(values: readonly bigint[]): bigint {
  return values.reduce((most, value) => (value > most ? value : most));
}
