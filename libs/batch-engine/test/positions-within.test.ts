import { positionsWithin } from '@twofold/batch-engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** What the condition says, read as an engine reads it: comparisons, a list, and, or, not. */
function holds(condition: string, offset: number): boolean {
  const [inside = '', list = ''] = condition.split(/ and o not in /);
  const listed = list.replace(/[()]/g, '').split(', ').filter(Boolean).map(Number);
  const within = [...inside.matchAll(/\(o >= (\d+) and o < (\d+)\)/g)].some(
    ([, from, to]) => offset >= Number(from) && offset < Number(to),
  );
  return within && !listed.includes(offset);
}

test('the condition holds for the positions of the ranges and for no others, however many ranges there are', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_500 }), fc.integer({ min: 1, max: 9 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (list) => {
      let at = 0;
      const ranges = list.map(([gap, length]) => {
        const from = at + gap;
        at = from + length;
        return { from, to: at };
      });
      const condition = positionsWithin('o', ranges);
      for (const { from, to } of ranges) {
        expect([holds(condition, from - 1), holds(condition, from)]).toEqual([false, true]);
        expect([holds(condition, to - 1), holds(condition, to)]).toEqual([true, false]);
      }
      if (ranges.length > 16) expect(condition.match(/>=/g)?.length ?? 0).toBeLessThanOrEqual(ranges.length);
    }),
    { numRuns: 200 },
  );
});
