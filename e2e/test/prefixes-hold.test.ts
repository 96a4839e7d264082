import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prefixesHold } from '../src/prefixes-hold.ts';

/** Every choice of lengths, one after the other. */
function byAllChoices(sequences: readonly (readonly number[])[], wanted: readonly number[]): boolean {
  const [first, ...others] = sequences;
  if (first === undefined) return wanted.every((count) => count === 0);
  return [...Array(first.length + 1).keys()].some((length) => {
    const left = [...wanted];
    for (const n of first.slice(0, length)) left[n] = (left[n] ?? 0) - 1;
    return left.every((count) => count >= 0) && byAllChoices(others, left);
  });
}

describe('prefixes of several sequences', () => {
  test('hold what is wanted exactly when some choice of lengths does', () => {
    const sequence = fc.array(fc.nat({ max: 2 }), { maxLength: 6 });
    const counts = { yes: 0, no: 0 };
    fc.assert(
      fc.property(
        fc.array(sequence, { maxLength: 4 }),
        fc.array(fc.nat({ max: 4 }), { minLength: 3, maxLength: 3 }),
        (all, wanted) => {
          const really = byAllChoices(all, wanted);
          counts[really ? 'yes' : 'no']++;
          expect(prefixesHold(all, wanted)).toBe(really);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(20);
  });

  test('are found or not among more choices than can be tried one by one', () => {
    // Eight partitions, each with two hundred events of one window, a late one, and two hundred of the next.
    const one = [...Array<number>(200).fill(0), 1, 0, ...Array<number>(200).fill(1)];
    const all = Array.from({ length: 8 }, () => one);
    expect(prefixesHold(all, [900, 350])).toBe(true);
    // Of the second window not one comes before all two hundred of the first.
    expect(prefixesHold(all, [150, 1])).toBe(false);
  });
});
