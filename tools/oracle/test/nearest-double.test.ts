import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalUnits, floatQuanta } from '../src/exact-number.ts';
import { integerRoot, nearestRatio, nearestRoot } from '../src/nearest-double.ts';

describe('exact numbers', () => {
  it('are units of the scale by value and not by spelling, or refused', () => {
    expect(['1.50', '15e-1', '0.00015E+4', '150e-2', '-1.5'].map((raw) => decimalUnits(raw, 3, false))).toEqual([
      1500n,
      1500n,
      1500n,
      1500n,
      -1500n,
    ]);
    expect(
      ['9007199254740992', '-9007199254740993', '1e400', '-0', '0e99999999999'].map((raw) =>
        decimalUnits(raw, 0, false),
      ),
    ).toEqual([2n ** 53n, 'INEXACT_NUMBER', 'INEXACT_NUMBER', 0n, 0n]);
    expect(['0.05', '-0.05', '0.049', '1e-99999999'].map((raw) => decimalUnits(raw, 1, true))).toEqual([
      1n,
      -1n,
      0n,
      0n,
    ]);
    expect(['0.05', '1e-99999999'].map((raw) => decimalUnits(raw, 1, false))).toEqual([
      'TOO_MANY_DIGITS',
      'TOO_MANY_DIGITS',
    ]);
  });

  it('are quanta rounded down', () => {
    expect(['0.3', '-0.3', '5e-324', '-5e-324', '-0.0', '1e400'].map((raw) => floatQuanta(raw, 0.25))).toEqual([
      1n,
      -2n,
      0n,
      -1n,
      0n,
      null,
    ]);
    expect(floatQuanta('9007199254740992', 1)).toBeNull();
    expect(floatQuanta('-9007199254740992', 1)).toBe(-(2n ** 53n));
  });
});

const big = fc.bigInt({ min: -(2n ** 110n), max: 2n ** 110n });
describe('the nearest double', () => {
  it('is the one that the language divides to, where both are doubles', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1 }), (num, den) => {
        expect(nearestRatio(BigInt(num), BigInt(den))).toBe(num / den + 0);
      }),
    );
    fc.assert(fc.property(fc.nat(), (num) => void expect(nearestRoot(BigInt(num), 1n)).toBe(Math.sqrt(num))));
  });

  it('breaks ties to even, and sees what lies just beside one', () => {
    const tie = 2n ** 53n + 1n;
    expect([nearestRatio(tie, 1n), nearestRatio(tie * 10n ** 400n + 1n, 10n ** 400n)]).toEqual([2 ** 53, 2 ** 53 + 2]);
  });

  it('has roots whose square brackets the number', () => {
    fc.assert(
      fc.property(big, (value) => {
        const size = value < 0n ? -value : value;
        const root = integerRoot(size);
        expect(root * root <= size && (root + 1n) * (root + 1n) > size).toBe(true);
      }),
    );
  });
});
