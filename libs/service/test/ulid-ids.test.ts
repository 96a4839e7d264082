import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemRng, ulidIds } from '@twofold/service';
import { seededRng } from '@twofold/service/testing';

describe('ULIDs', () => {
  it('spell the millisecond as the specification’s example does', () => {
    const ids = ulidIds({ now: () => 1469918176385 }, seededRng(1));
    expect(ids.next()).toMatch(/^01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/);
  });

  it('only rise, however the clock stands, jumps or goes back', () => {
    const clock = fc.array(fc.integer({ min: 0, max: 2 ** 47 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(clock, fc.integer(), (times, seed) => {
        let at = 0;
        const ids = ulidIds({ now: () => times[at++ % times.length] ?? 0 }, seededRng(seed));
        const made = times.map(() => ids.next());
        expect(new Set(made).size).toBe(made.length);
        expect(made).toEqual([...made].sort());
      }),
    );
  });

  it('borrow the next millisecond when the random part is used up', () => {
    const ids = ulidIds({ now: () => 0 }, { next: () => 1 - 2 ** -32 });
    expect([ids.next(), ids.next()]).toEqual(['0000000000ZZZZZZZZZZZZZZZZ', '00000000010000000000000000']);
  });
});

describe('the system’s randomness', () => {
  it('is in [0, 1) and does not repeat itself from pool to pool', () => {
    const rng = systemRng();
    const drawn = Array.from({ length: 1_000 }, () => rng.next());
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(drawn).size).toBe(1_000);
  });
});
