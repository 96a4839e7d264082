import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccumulator } from '../src/accumulator.ts';
import { ChunkMerge, mergeChunks } from '../src/chunk-merge.ts';
import { encodeChunk } from '../src/chunk.ts';
import { partialColumns } from '../src/testing/arbitraries.ts';
import { counts, countsOf } from './sample-partials.ts';
import { mixedView } from './sample-views.ts';

function summed(chunks: readonly Uint8Array[], widthMs: number): Uint8Array {
  const sum = createAccumulator(mixedView, { widthMs });
  for (const bytes of chunks) sum.addChunk(bytes);
  return sum.toChunk().bytes;
}

describe('a merge of chunks', { timeout: 30_000 }, () => {
  it('is what an accumulator of the same chunks holds, in whatever steps it is made', () => {
    const some = fc.array(partialColumns(mixedView, 1_000, 40), { maxLength: 6 });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 30 }), (parts, partials) => {
        const chunks = parts.map((columns) => encodeChunk(mixedView, columns, 1_000).bytes);
        const merge = new ChunkMerge(mixedView, chunks);
        while (!merge.step(partials));
        const { bytes } = merge.finish();
        expect(bytes).toEqual(summed(chunks, 1_000));
        expect(mergeChunks(mixedView, chunks).bytes).toEqual(bytes);
      }),
    );
  });

  it('has the widest panes of its chunks', () => {
    fc.assert(
      fc.property(partialColumns(mixedView, 1_000, 40), partialColumns(mixedView, 60_000, 40), (fine, wide) => {
        const chunks = [encodeChunk(mixedView, fine, 1_000).bytes, encodeChunk(mixedView, wide, 60_000).bytes];
        expect(mergeChunks(mixedView, chunks).bytes).toEqual(summed(chunks, 60_000));
      }),
    );
  });

  it('makes about as many partials a step as it was told, and says when nothing is left', () => {
    const chunk = encodeChunk(counts, countsOf(['a', 0, 1], ['b', 0, 1], ['b', 1_000, 1], ['c', 0, 1]), 1_000).bytes;
    const merge = new ChunkMerge(counts, [chunk, chunk]);
    expect([merge.step(1), merge.step(4), merge.step(1), merge.step(1)]).toEqual([false, false, true, true]);
    expect(merge.finish().rows).toBe(4);
  });

  it('refuses widths of which none is a multiple of the others, and damage where it comes to it', () => {
    const of = (widthMs: number): Uint8Array => encodeChunk(counts, countsOf(['a', 0, 1]), widthMs).bytes;
    expect(() => mergeChunks(counts, [of(2_000), of(3_000)])).toThrow(
      expect.objectContaining({ code: 'PANE_WIDTH_INVALID' }),
    );
    const cut = of(1_000).slice(0, -1);
    expect(() => mergeChunks(counts, [of(1_000), cut])).toThrow(expect.objectContaining({ code: 'CHUNK_DAMAGED' }));
  });
});
