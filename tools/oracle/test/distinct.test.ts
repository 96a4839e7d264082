import { describe, expect, it } from 'vitest';
import { distinctNumber, distinctText } from '../src/distinct.ts';

function valuesOf(count: number, from = 0): Set<string> {
  return new Set(Array.from({ length: count }, (_, i) => `value ${from + i}`));
}

describe('the number of different values, by the oracle', () => {
  it('is exact as long as the definition says', () => {
    for (const count of [0, 1, 31, 32]) expect(distinctNumber(valuesOf(count), 8)).toBe(count);
    expect(distinctText(new Set(['a']), 8)).toBe('e0cc175b9c0f1b6a');
    expect(distinctText(valuesOf(33), 8)).toMatch(/^r\d/);
  });

  it('is within the stated error above, for few and for many', () => {
    for (const precision of [6, 10])
      for (const count of [2 ** precision / 8 + 1, 2 ** precision, 20_000]) {
        const errors = Array.from({ length: 10 }, (_, trial) => {
          return distinctNumber(valuesOf(count, trial * 1_000_000), precision) / count - 1;
        });
        const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
        expect(rms).toBeLessThan((1.04 / Math.sqrt(2 ** precision)) * 1.6);
      }
  }, 60_000);
});
