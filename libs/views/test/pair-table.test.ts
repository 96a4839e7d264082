import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairTable } from '../src/pair-table.ts';

/** Ids of a dictionary, numbers of a field, instants, what null is, and numbers that would need more places than there are. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -1, max: 40 }) },
  fc.integer({ min: -3, max: 2_000 }),
  fc.constantFrom(-(2 ** 54), 2 ** 18 - 1, 2 ** 18, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 53, 0.5, -0.5),
);
const steps = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.tuple(number, number) },
    fc.record({ across: fc.integer({ min: 1, max: 300 }), down: fc.integer({ min: 1, max: 30 }) }),
    fc.constant('clear' as const),
  ),
  { maxLength: 60 },
);

describe('ids of pairs', () => {
  it('are those of first sight, whether a pair has a place or is found by its hash', () => {
    const property = fc.property(steps, (drawn) => {
      const table = new PairTable();
      let known = new Map<string, number>();
      const check = (first: number, second: number): void => {
        const expected = known.get(`${first} ${second}`) ?? known.size;
        known.set(`${first} ${second}`, expected);
        if (table.intern(first, second) !== expected) expect.fail(`${first}, ${second} is not ${expected}`);
        expect(table.size).toBe(known.size);
      };
      for (const step of drawn) {
        if (step === 'clear') {
          table.clear();
          known = new Map();
        } else if (Array.isArray(step)) check(...step);
        else for (let i = 0; i < step.across * step.down; i++) check(i % step.across, Math.floor(i / step.across) * 97);
      }
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('are the same for many at once, where a NaN is given a number', () => {
    const orNaN = fc.oneof({ weight: 5, arbitrary: number }, fc.constant(NaN));
    const property = fc.property(
      fc.array(fc.array(fc.tuple(orNaN, orNaN), { maxLength: 50 }), { maxLength: 4 }),
      (all) => {
        const [many, one] = [new PairTable(), new PairTable()];
        for (const pairs of all) {
          const firsts = Float64Array.from(pairs, ([first]) => first);
          const seconds = Float64Array.from(pairs, ([, second]) => second);
          const known = (value: number): number => (Number.isNaN(value) ? -77 : value);
          many.internAll(firsts, seconds, pairs.length, -77);
          expect([...firsts]).toEqual(pairs.map(([first, second]) => one.intern(known(first), known(second))));
        }
        expect(many.size).toBe(one.size);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });
});
