import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ceilTo, coverOf, floorTo, widthOf, type LaneProgress } from '@twofold/releases';

const SLICE = 8;

/** Progress as the lanes could have left it: each wide level is merged through at most as far as the narrower one. */
const progressFrom = (cut: number) =>
  fc
    .record({
      base: fc.option(fc.nat(4_000)),
      remainder: fc.option(fc.nat(SLICE)),
      lag: fc.tuple(fc.nat(3), fc.nat(2)),
      none: fc.tuple(fc.boolean(), fc.boolean()),
    })
    .map(({ base, remainder, lag, none }): LaneProgress => {
      const edge = ceilTo(cut, SLICE);
      const next = base === null ? null : edge + base;
      const first = Math.max(0, floorTo(next ?? 0, widthOf(1, SLICE)) - lag[0] * widthOf(1, SLICE));
      const second = Math.max(0, floorTo(first, widthOf(2, SLICE)) - lag[1] * widthOf(2, SLICE));
      return {
        base: next,
        remainder: remainder === null ? null : Math.min(cut + remainder, edge),
        wide: [none[0] ? null : first, none[0] || none[1] ? null : second],
      };
    });

const cases = fc.nat(3_000).chain((cut) => fc.tuple(fc.constant(cut), progressFrom(cut)));

describe('E3 E24: the cover of a cut', () => {
  test('E3 E24: names every position from the cut up to the claim exactly once', () => {
    fc.assert(
      fc.property(cases, ([cut, progress]) => {
        const { claim, remainder, spans } = coverOf(cut, SLICE, progress);
        const seen = new Map<number, number>();
        const count = (from: number, to: number): void => {
          for (let at = from; at < Math.min(to, claim); at++) seen.set(at, (seen.get(at) ?? 0) + 1);
        };
        if (remainder !== null) count(remainder.start, remainder.end);
        for (const { widthOffsets, from, below } of spans)
          for (let start = from; start < Math.min(below, claim); start += widthOffsets)
            count(start, start + widthOffsets);
        for (let at = cut; at < claim; at++) if (seen.get(at) !== 1) return false;
        return seen.size === claim - cut;
      }),
      { numRuns: 2_000 },
    );
  });

  test('reads nothing but the remainder while the remainder has not reached its end, and claims its position', () => {
    expect(coverOf(5, SLICE, { base: 100, remainder: 6, wide: [] })).toEqual({
      claim: 6,
      remainder: { start: 5, end: 8 },
      spans: [],
    });
    expect(coverOf(5, SLICE, { base: 100, remainder: null, wide: [] }).claim).toBe(5);
  });

  test('needs no remainder when the cut is a slice edge, and claims the edge without progress', () => {
    expect(coverOf(16, SLICE, { base: null, remainder: null, wide: [null] })).toEqual({
      claim: 16,
      remainder: null,
      spans: [{ widthOffsets: 8, from: 16, below: Infinity }],
    });
  });

  test('uses a wide row only from the first wide edge at or above the cut to merged through', () => {
    const { spans } = coverOf(8, SLICE, { base: 500, remainder: null, wide: [384] });
    expect(spans).toEqual([
      { widthOffsets: 8, from: 8, below: 128 },
      { widthOffsets: 128, from: 128, below: 384 },
      { widthOffsets: 8, from: 384, below: Infinity },
    ]);
  });
});
