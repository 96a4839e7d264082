import { nearestRatio, nearestRootOfRatio } from './answer-ratio.ts';

/** Integers that a variance is made of: how many values, their sum, and the sum of their squares. */
export interface Moments {
  count: number;
  /** The sum where it is at most 2^53 in size, else NaN. */
  sum: number;
  /** The sum of squares as high + low where it is below 2^104, else NaN. */
  squaresHigh: number;
  squaresLow: number;
  /** Sum and sum of squares, of any size. */
  exact(): readonly [sum: bigint, squares: bigint];
}

/** A pair of doubles, high + low, holds about 106 bits. */
interface Pair {
  high: number;
  low: number;
}

/**
 * Sample variance, (n·Σx² − (Σx)²) / (n·(n−1)) / 10^(2·scale), or its square root, as the nearest double; null for fewer than two
 * values. Computed in pairs of doubles with a bound on the error; where the bound leaves two doubles possible, in
 * exact integers. So the result is always that of exact integers, rounded once.
 */
export function sampleVariance(moments: Moments, scale: number, root: boolean): number | null {
  const { count } = moments;
  if (count < 2) return null;
  const quick = quickVariance(moments, 10 ** scale, root);
  if (!Number.isNaN(quick)) return quick;
  const n = BigInt(count);
  const [sum, squares] = moments.exact();
  const num = n * squares - sum * sum;
  // Of the changes above a cut alone: what they take back was stated below it.
  if (num < 0n) return null;
  const den = n * (n - 1n) * 10n ** BigInt(2 * scale);
  return root ? nearestRootOfRatio(num, den) : nearestRatio(num, den);
}

/** NaN when the pairs can not decide. */
function quickVariance(moments: Moments, tens: number, root: boolean): number {
  const { count, sum: plainSum, squaresHigh, squaresLow } = moments;
  if (count > 2 ** 26 || Number.isNaN(plainSum) || Number.isNaN(squaresHigh)) return NaN;
  const scaledSquares = product(count, squaresHigh);
  scaledSquares.low += count * squaresLow;
  const all = scaledSquares.high;
  let value = difference(scaledSquares, product(plainSum, plainSum));
  if (!(value.high > 0)) return NaN;
  // The product above is off by at most 2^-103 of itself, which the difference may have made a larger part of the rest.
  const error = 2 ** -96 + 2 ** -101 * (all / value.high);
  value = quotient(value, count * (count - 1));
  if (root) value = quotient(squareRoot(value), tens);
  else value = quotient(quotient(value, tens), tens);
  const doubt = error * value.high;
  const result = value.high;
  return result + (value.low + doubt) === result && result + (value.low - doubt) === result ? result : NaN;
}

/** Exact, for factors whose product has no more than 106 bits: halves of 26 bits have exact products. */
function product(a: number, b: number): Pair {
  const high = a * b;
  const aLarge = a * splitter;
  const aHigh = aLarge - (aLarge - a);
  const aLow = a - aHigh;
  const bLarge = b * splitter;
  const bHigh = bLarge - (bLarge - b);
  const bLow = b - bHigh;
  return { high, low: aLow * bLow - (high - aHigh * bHigh - aLow * bHigh - aHigh * bLow) };
}

const splitter = 2 ** 27 + 1;

function difference(a: Pair, b: Pair): Pair {
  const highs = sum(a.high, -b.high);
  const lows = sum(a.low, -b.low);
  const first = sum(highs.high, highs.low + lows.high);
  return sum(first.high, lows.low + first.low);
}

/** Exact. */
function sum(a: number, b: number): Pair {
  const high = a + b;
  const bPart = high - a;
  return { high, low: a - (high - bPart) + (b - bPart) };
}

function quotient(a: Pair, by: number): Pair {
  const first = a.high / by;
  const back = product(first, by);
  return sum(first, (a.high - back.high - back.low + a.low) / by);
}

function squareRoot(a: Pair): Pair {
  const first = Math.sqrt(a.high);
  const back = product(first, first);
  return sum(first, (a.high - back.high - back.low + a.low) / (2 * first));
}
