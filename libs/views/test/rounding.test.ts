import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestRatio, nearestRootOfRatio } from '../src/answer-ratio.ts';
import { sampleVariance } from '../src/answer-variance.ts';
import { integers } from '../src/testing/arbitraries.ts';
import { isNearest, isNearestRoot, varianceOf } from './nearest.ts';

describe('rounding', { timeout: 30_000 }, () => {
  const big = fc.bigInt({ min: 1n, max: 2n ** 140n });

  it('of a ratio gives the nearest double', () => {
    fc.assert(
      fc.property(big, fc.oneof(big, fc.bigInt({ min: 1n, max: 2n ** 54n })), (num, den) => {
        expect(isNearest(nearestRatio(num, den), { num, den })).toBe(true);
        expect(nearestRatio(-num, den)).toBe(-nearestRatio(num, den));
      }),
    );
  });

  it('sees the smallest rest behind the middle of two doubles', () => {
    const middle = (2n ** 53n + 1n) << 60n;
    expect(nearestRatio(middle, 1n << 60n)).toBe(2 ** 53);
    expect(nearestRatio(middle + 1n, 1n << 60n)).toBe(2 ** 53 + 2);
    expect(nearestRatio(middle * 3n + 1n, 3n << 60n)).toBe(2 ** 53 + 2);
    const square = (2n ** 53n + 1n) ** 2n;
    expect(nearestRootOfRatio(square, 1n)).toBe(2 ** 53);
    expect(nearestRootOfRatio((square << 200n) + 1n, 1n << 200n)).toBe(2 ** 53 + 2);
  });

  it('of a root gives the nearest double, perfect squares their root', () => {
    fc.assert(
      fc.property(big, fc.oneof(big, fc.constant(1n)), (num, den) => {
        expect(isNearestRoot(nearestRootOfRatio(num, den), { num, den })).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n }), (root) => {
        expect(nearestRootOfRatio(root * root, 1n)).toBe(Number(root));
      }),
    );
  });

  it('of a variance gives the nearest double, by pairs of doubles or by integers', () => {
    const near = fc.tuple(
      integers(-(2 ** 43), 2 ** 43),
      fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 2 }),
    );
    const lists = fc.oneof(
      near.map(([around, list]) => list.map((by) => Math.min(2 ** 43, Math.max(-(2 ** 43), around + by)))),
      fc.array(integers(-(2 ** 43), 2 ** 43), { minLength: 2 }),
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2 }),
    );
    fc.assert(
      fc.property(lists, fc.integer({ min: 0, max: 15 }), (list, scale) => {
        const { num, den } = varianceOf(list, scale);
        const values = Object.values(measured('variance', list, scale));
        expect(values.every((value) => value !== null && isNearest(value, { num, den }))).toBe(true);
        const roots = Object.values(measured('stddev', list, scale));
        expect(roots.every((value) => value !== null && isNearestRoot(value, { num, den }))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});

/** Both ways: pairs of doubles (where they can decide) and integers alone. */
function measured(kind: 'variance' | 'stddev', list: readonly number[], scale: number): Record<string, number | null> {
  const count = list.length;
  const sum = list.reduce((total, x) => total + BigInt(x), 0n);
  const squares = list.reduce((total, x) => total + BigInt(x) ** 2n, 0n);
  const exact = (): readonly [bigint, bigint] => [sum, squares];
  const none = { count, sum: NaN, squaresHigh: NaN, squaresLow: NaN, exact };
  const pairs = {
    count,
    sum: sum <= 2n ** 53n && sum >= -(2n ** 53n) ? Number(sum) : NaN,
    squaresHigh: Number(squares),
    squaresLow: Number(squares - BigInt(Number(squares))),
    exact,
  };
  const root = kind === 'stddev';
  return { integers: sampleVariance(none, scale, root), pairs: sampleVariance(pairs, scale, root) };
}
