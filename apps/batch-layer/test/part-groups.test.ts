import type { ArchiveFile } from '@twofold/archive';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupParts } from '../src/part-groups.ts';
import type { PlannedPart } from '../src/plan-build.ts';

const part = (at: number, widthMs = 1): PlannedPart => {
  const place = { from: at * 600 * widthMs, to: (at + 1) * 600 * widthMs };
  return { widthMs, ...place, sources: [{ kind: 'archive', ...place }] };
};

const file = (minEventTime: number | null, maxEventTime: number | null, records: number): ArchiveFile =>
  ({ minEventTime, maxEventTime, records }) as ArchiveFile;

const shapeOf = (groups: ReturnType<typeof groupParts>): string[] =>
  groups.map(({ widthMs, from, to, parts }) => `${widthMs}: ${from} to ${to}, ${parts.length}`);

test('parts that follow one another are together, up to as many records as their files have in their time', () => {
  const files = [file(0, 2_399, 40), file(null, null, 1_000)];
  const parts = [0, 1, 2, 3].map((at) => part(at));
  expect(shapeOf(groupParts(parts, files, { records: 20, parts: 9 }))).toEqual([
    '1: 0 to 1200, 2',
    '1: 1200 to 2400, 2',
  ]);
  expect(shapeOf(groupParts(parts, files, { records: 100, parts: 3 }))).toEqual([
    '1: 0 to 1800, 3',
    '1: 1800 to 2400, 1',
  ]);
});

test('parts with a gap between them are apart, and so are those of two levels', () => {
  const parts = [part(0), part(2), part(3), part(0, 10)];
  expect(shapeOf(groupParts(parts, [], { records: 100, parts: 9 }))).toEqual([
    '1: 0 to 600, 1',
    '1: 1200 to 2400, 2',
    '10: 0 to 6000, 1',
  ]);
});

test('parts that are not of the archive alone are made one by one', () => {
  const summed = (at: number): PlannedPart => {
    const { widthMs, from, to } = part(at, 10);
    return { widthMs, from, to, sources: [{ kind: 'level', widthMs: 1, from, to }] };
  };
  const groups = groupParts([summed(0), summed(1), part(2, 10), part(3, 10)], [], { records: 100, parts: 9 });
  expect(shapeOf(groups)).toEqual(['10: 0 to 6000, 1', '10: 6000 to 12000, 1', '10: 12000 to 24000, 2']);
  expect(groups.map(({ sources }) => sources.map(({ kind, from, to }) => `${kind} ${from} to ${to}`))).toEqual([
    ['level 0 to 6000'],
    ['level 6000 to 12000'],
    ['archive 12000 to 24000'],
  ]);
});

test('a part that holds more than is folded at once is alone', () => {
  const files = [file(600, 1_199, 1_000)];
  const parts = [0, 1, 2].map((at) => part(at));
  expect(shapeOf(groupParts(parts, files, { records: 10, parts: 9 }))).toEqual([
    '1: 0 to 600, 1',
    '1: 600 to 1200, 1',
    '1: 1200 to 1800, 1',
  ]);
});

test('every part is in one group, in the order in which they were planned', () => {
  const starts = fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { maxLength: 30 });
  const limits = fc.record({ records: fc.integer({ min: 0, max: 50 }), parts: fc.integer({ min: 1, max: 8 }) });
  fc.assert(
    fc.property(starts, limits, fc.integer({ min: 0, max: 500 }), (some, limit, records) => {
      const parts = some.sort((a, b) => a - b).map((at) => part(at));
      const groups = groupParts(parts, [file(0, 30_000, records)], limit);
      expect(groups.flatMap((group) => group.parts)).toEqual(parts);
      for (const group of groups) expect(group.parts.length).toBeLessThanOrEqual(limit.parts);
    }),
  );
});
