import { sizeOf, type Runs } from '@twofold/corrections';
import type { PartEntry } from '@twofold/view-store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourcesOf, type KnownLevel, type PartSource } from '../src/part-sources.ts';

const WIDTH = 12;
const place = { widthMs: WIDTH, from: 0, to: 50 * WIDTH };
const base: PartEntry = { part: 'b', ...place, rows: 1, sha256: '', chunks: 1 };
const shapeOf = (sources: readonly PartSource[]): string[] =>
  sources.map(
    (source) => `${source.kind}${source.kind === 'level' ? ` ${source.widthMs}` : ''} ${source.from} to ${source.to}`,
  );
const level = (widthMs: number, ...known: Runs): KnownLevel => ({ widthMs, known });

describe('E14: what a part is made of', () => {
  test('without a base and a finer level it is folded from the archive', () => {
    expect(shapeOf(sourcesOf(place, [[5, 6]], null, []))).toEqual(['archive 0 to 600']);
  });

  test('what has not changed is the base part, and each pane that a change touches is folded anew as a whole', () => {
    expect(
      shapeOf(
        sourcesOf(
          place,
          [
            [5, 6],
            [23, 25],
            [599, 700],
          ],
          base,
          [],
        ),
      ),
    ).toEqual(['archive 0 to 36', 'base 36 to 588', 'archive 588 to 600']);
  });

  test('the coarsest of the finer levels that knows all of a pane gives it, and the archive what none of them knows', () => {
    const finer = [level(2, [30, 400]), level(4, [-20, 40], [100, 200])];
    expect(shapeOf(sourcesOf(place, [], null, finer))).toEqual([
      'level 4 0 to 36',
      'level 2 36 to 108',
      'level 4 108 to 192',
      'level 2 192 to 396',
      'archive 396 to 600',
    ]);
    expect(shapeOf(sourcesOf(place, [], null, [level(2, [-Infinity, Infinity])]))).toEqual(['level 2 0 to 600']);
  });

  test('changes that are scattered over many stretches are folded in one', () => {
    const scattered: Runs = Array.from({ length: 20 }, (_, i) => [i * 2 * WIDTH, i * 2 * WIDTH + 1] as const);
    expect(shapeOf(sourcesOf(place, scattered, base, []))).toEqual(['archive 0 to 600']);
    expect(sourcesOf(place, scattered, base, [level(2, [0, 600])])).toHaveLength(40);
  });

  test('whatever has changed, its panes are each of one source, and no change is taken from the base', () => {
    const runs = fc.uniqueArray(fc.integer({ min: -30, max: 630 }), { maxLength: 12 }).map((edges): Runs => {
      const rising = edges.sort((a, b) => a - b);
      return rising.flatMap((from, i) =>
        i % 2 === 0 && rising[i + 1] !== undefined ? [[from, rising[i + 1] ?? from] as const] : [],
      );
    });
    fc.assert(
      fc.property(runs, runs, runs, fc.boolean(), (changed, two, four, built) => {
        const finer = [level(2, ...two), level(4, ...four)];
        const sources = sourcesOf(place, changed, built ? base : null, finer);
        let at = place.from;
        for (const source of sources) {
          expect(source.from).toBe(at);
          expect(source.from % WIDTH).toBe(0);
          expect(source.to).toBeGreaterThan(source.from);
          at = source.to;
          if (source.kind === 'base') expect(overlap(changed, source)).toBe(0);
          if (source.kind === 'level') {
            const known = finer.find(({ widthMs }) => widthMs === source.widthMs)?.known ?? [];
            expect(overlap(known, source)).toBe(source.to - source.from);
          }
        }
        expect(at).toBe(place.to);
      }),
    );
  });
});

function overlap(runs: Runs, { from, to }: { readonly from: number; readonly to: number }): number {
  return sizeOf(runs.map(([a, b]) => [Math.max(a, from), Math.max(a, from, Math.min(b, to))] as const));
}
