import { measureFactor } from './answer-form.ts';
import { nearestRatio } from './answer-ratio.ts';
import type { BinCounts } from './bin-counts.ts';
import type { ExprType } from './expression.ts';
import { rangeOfBin } from './log-bins.ts';

/** Digits behind the point that the part of a quantile may have. */
export const quantileDigits = 9;

/**
 * The middle of the bin that holds the value of rank ⌈part · n⌉ of n (at least the first, counted from the least), as
 * the nearest double; null of no value. The rank is that of the part's decimal spelling: 0.07 of 100 values is the 7th.
 */
export function quantileOf(type: ExprType, part: number, counts: BinCounts): number | null {
  if (counts.total === 0) return null;
  const { lowest, span } = rangeOfBin(counts.binAt(rankOf(part, counts.total)), counts.bits);
  const { scale, quantum } = measureFactor(type);
  const sign = lowest < 0 ? -1 : 1;
  const twice = Math.abs(lowest) * 2 + span;
  // Twice a large bin's middle has more bits than a double; its parts do not.
  if (twice > 2 ** 53) {
    const exact = BigInt(Math.abs(lowest)) * 2n + BigInt(span);
    return sign * nearestRatio(exact, 2n * 10n ** BigInt(scale)) * quantum;
  }
  // Both exact: one division is one rounding.
  return ((sign * twice) / (2 * 10 ** scale)) * quantum + 0;
}

function rankOf(part: number, total: number): number {
  const billionth = Math.round(part * 10 ** quantileDigits);
  if (billionth * total <= 2 ** 53) return Math.max(1, Math.ceil((billionth * total) / 10 ** quantileDigits));
  const product = BigInt(billionth) * BigInt(total);
  return Math.max(1, Number((product + 999_999_999n) / 1_000_000_000n));
}
