import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTargets, encodeTargets, isIn, outsideOf, runsOf, sizeOf, unionOf, type Runs } from '../src/index.ts';

const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 60 })).map((list) => list.sort((a, b) => a - b));

function numbersIn(runs: Runs): number[] {
  return runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
}

describe('runs of whole numbers', () => {
  test('hold the numbers that they are made of, and no others', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const runs = runsOf(list);
        expect(numbersIn(runs)).toEqual(list);
        expect(sizeOf(runs)).toBe(list.length);
        for (let i = -1; i < 62; i++) expect(isIn(runs, i)).toBe(list.includes(i));
        for (let i = 1; i < runs.length; i++) expect(runs[i]?.[0]).toBeGreaterThan(runs[i - 1]?.[1] ?? Infinity);
      }),
    );
  });

  test('are added up as sets are', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 4 }), (lists) => {
        const all = [...new Set(lists.flat())].sort((a, b) => a - b);
        expect(unionOf(lists.map(runsOf))).toEqual(runsOf(all));
      }),
    );
  });

  test('leave of a range what is outside them', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (list, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const left = numbersIn(outsideOf(runsOf(list), from, to));
        expect(left).toEqual(numbersIn([[from, to]]).filter((number) => !list.includes(number)));
      }),
    );
  });

  test('come back from the list of targets as they went in', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 3 }), (lists) => {
        const targets = lists.map((list, source) => ({ source, runs: runsOf(list) }));
        expect(decodeTargets(encodeTargets(targets))).toEqual(targets);
      }),
    );
  });
});
