import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccumulator } from '../src/accumulator.ts';
import { mergeChunks } from '../src/chunk-merge.ts';
import { firstDifference } from '../src/chunk-difference.ts';
import { decodeChunk, encodeChunk } from '../src/chunk.ts';
import { compareKeys, decodeKey } from '../src/key.ts';
import type { PartialColumns } from '../src/partials.ts';
import { partialColumns } from '../src/testing/arbitraries.ts';
import { codeOf, counts, countsOf } from './sample-partials.ts';
import { mixedView } from './sample-views.ts';

describe('an accumulator', { timeout: 30_000 }, () => {
  it('gives each range of panes the pieces that it would have alone', () => {
    const starts = fc.uniqueArray(fc.integer({ min: -2, max: 62 }), { minLength: 2, maxLength: 6 });
    const columnsAndStarts = fc.tuple(partialColumns(mixedView, 1_000, 60), starts, fc.integer({ min: 1, max: 2_000 }));
    fc.assert(
      fc.property(columnsAndStarts, ([columns, edges, targetBytes]) => {
        const whole = createAccumulator(mixedView, { widthMs: 1_000 });
        whole.addColumns(columns);
        const rising = edges.map((edge) => edge * 1_000).sort((a, b) => a - b);
        // Every second stretch between two edges, so that some partials are in none.
        const ranges = rising.flatMap((from, i) => (i % 2 === 0 ? [{ from, to: rising[i + 1] ?? from + 1_000 }] : []));
        const alone = ranges.map(({ from, to }) => {
          const part = createAccumulator(mixedView, { widthMs: 1_000 });
          part.addChunk(whole.toChunk().bytes, { paneFrom: from, paneBelow: to });
          return part.toPieces(targetBytes);
        });
        expect(whole.toPiecesIn(ranges, targetBytes)).toEqual(alone);
      }),
    );
  });

  it('cuts pieces that follow one another and together are the whole', () => {
    fc.assert(
      fc.property(partialColumns(mixedView, 1_000, 60), fc.integer({ min: 1, max: 2_000 }), (columns, targetBytes) => {
        const whole = createAccumulator(mixedView, { widthMs: 1_000 });
        whole.addColumns(columns);
        const pieces = whole.toPieces(targetBytes);
        expect(pieces.reduce((sum, { rows }) => sum + rows, 0)).toBe(whole.rows);
        expect(
          mergeChunks(
            mixedView,
            pieces.map(({ bytes }) => bytes),
          ).bytes,
        ).toEqual(whole.toChunk().bytes);
        const places = pieces.map(({ bytes, firstKey, firstPane }) => {
          const {
            keys,
            columns: { panes },
          } = decodeChunk(mixedView, bytes);
          expect(firstKey).toEqual(keys[0]);
          expect(firstPane).toBe(panes[0]);
          return { key: firstKey, pane: firstPane };
        });
        for (let i = 1; i < places.length; i++) {
          const [before, place] = [places[i - 1], places[i]];
          if (before === undefined || place === undefined) continue;
          const order = compareKeys(before.key, place.key);
          expect(order < 0 || (order === 0 && before.pane < place.pane)).toBe(true);
        }
      }),
    );
  });

  it('splits one key over several pieces when it has many panes', () => {
    const accumulator = createAccumulator(counts, { widthMs: 1_000 });
    accumulator.addColumns(
      countsOf(...Array.from({ length: 5_000 }, (_, i): [string, number, number] => ['a', i * 7_000, i + 1])),
    );
    const pieces = accumulator.toPieces(1_000);
    expect(pieces.length).toBeGreaterThan(10);
    for (const { bytes } of pieces) expect(bytes.length).toBeLessThan(1_100);
  });

  it('sums finer panes into its own width, and refuses coarser ones', () => {
    fc.assert(
      fc.property(partialColumns(mixedView, 1_000, 40), (columns) => {
        const fine = createAccumulator(mixedView, { widthMs: 1_000 });
        fine.addColumns(columns);
        const coarse = createAccumulator(mixedView, { widthMs: 60_000 });
        for (const { bytes } of fine.toBucketChunks()) coarse.addChunk(bytes);
        const direct = createAccumulator(mixedView, { widthMs: 60_000 });
        direct.addColumns(columns);
        expect(coarse.toBucketChunks()).toEqual(direct.toBucketChunks());
      }),
    );
    const { bytes } = encodeChunk(counts, countsOf(['a', 0, 1]), 60_000);
    expect(codeOf(() => createAccumulator(counts, { widthMs: 1_000 }).addChunk(bytes))).toBe('PANE_WIDTH_INVALID');
  });

  it('takes only the rows of the slice that is asked for', () => {
    const columns: PartialColumns = {
      ...countsOf(['a', 0, 1], ['a', 0, 2], ['b', 0, 4]),
      partitions: Int32Array.of(0, 0, 1),
      slices: Float64Array.of(0, 16384, 16384),
    };
    const accumulator = createAccumulator(counts, { widthMs: 1_000 });
    accumulator.addColumns(columns, { partition: 0, slice: 16384 });
    expect(accumulator.toChunk()).toEqual(encodeChunk(counts, countsOf(['a', 0, 2]), 1_000));
  });

  it('spreads its partials over the buckets of their keys', () => {
    fc.assert(
      fc.property(partialColumns(mixedView, 1_000, 40), (columns) => {
        const accumulator = createAccumulator(mixedView, { widthMs: 1_000 });
        accumulator.addColumns(columns);
        const buckets = accumulator.toBucketChunks();
        expect(
          mergeChunks(
            mixedView,
            buckets.map(({ bytes }) => bytes),
          ).bytes,
        ).toEqual(accumulator.toChunk().bytes);
        expect(buckets.map(({ bucket }) => bucket)).toEqual(
          [...new Set(buckets.map(({ bucket }) => bucket))].toSorted((a, b) => a - b),
        );
      }),
    );
  });
});

describe('the first difference of two chunks', () => {
  const one = encodeChunk(counts, countsOf(['a', 0, 1], ['b', 1_000, 2], ['b', 2_000, 3]), 1_000).bytes;

  it('is none when the bytes are equal, and when both have nothing', () => {
    expect(firstDifference(counts, one, one.slice())).toBe(null);
    expect(firstDifference(counts, null, encodeChunk(counts, countsOf(), 1_000).bytes)).toBe(null);
  });

  it('names key, pane and both values', () => {
    const other = encodeChunk(counts, countsOf(['a', 0, 1], ['b', 1_000, 2], ['b', 2_000, 4]), 1_000).bytes;
    const found = firstDifference(counts, one, other);
    expect(found && decodeKey(counts, found.key)).toEqual(['b']);
    expect(found).toMatchObject({ pane: 2_000, left: 'rows 3', right: 'rows 4' });
    const fewer = encodeChunk(counts, countsOf(['a', 0, 1], ['b', 2_000, 3]), 1_000).bytes;
    expect(firstDifference(counts, one, fewer)).toMatchObject({ pane: 1_000, left: 'rows 2', right: 'absent' });
    expect(firstDifference(counts, null, one)).toMatchObject({ pane: 0, left: 'absent', right: 'rows 1' });
  });
});
