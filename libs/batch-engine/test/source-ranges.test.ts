import { sourceRanges } from '@twofold/batch-engine';
import { sourceOf } from '@twofold/batch-engine/testing';
import { expect, test } from 'vitest';

const file = (path: string, partition: number, from: number, to: number) =>
  sourceOf(path, { partition, from, to, events: [] });

test('files that count as a whole stand by themselves, without positions; of others the positions are told', () => {
  const [a, b, c] = [file('a', 0, 0, 10), file('b', 0, 10, 20), file('c', 1, 0, 5)];
  expect(sourceRanges([a, { ...b, to: 15 }, c])).toEqual([
    { partition: 0, paths: ['a'], ranges: null },
    { partition: 0, paths: ['b'], ranges: [{ from: 10, to: 15 }] },
    { partition: 1, paths: ['c'], ranges: null },
  ]);
});

test('a file that is given in many ranges, or without what its manifest says, is asked for positions', () => {
  const a = file('a', 0, 0, 10);
  const { archived: _, ...unknown } = file('b', 0, 10, 20);
  expect(sourceRanges([{ ...a, to: 4 }, { ...a, from: 6 }, unknown])).toEqual([
    {
      ...{ partition: 0, paths: ['a', 'b'] },
      ranges: [
        { from: 0, to: 4 },
        { from: 6, to: 20 },
      ],
    },
  ]);
});

test('what holds no position that counts is left out', () => {
  expect(sourceRanges([{ ...file('a', 0, 0, 10), to: 0 }])).toEqual([]);
});
