import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bucketsOf,
  effectiveOf,
  overlayOf,
  standingOf,
  touchedBetween,
  type Correction,
  type Targets,
} from '../src/index.ts';
import { addedOf, correction } from './sample.ts';

/** Lists of up to eight corrections, of which some take earlier ones back. */
const lists = fc
  .array(fc.option(fc.nat({ max: 7 }), { freq: 2, nil: null }), { maxLength: 8 })
  .map((reverts) =>
    reverts.map((of, number) =>
      correction(number, { reverts: of === null || of >= number ? null : `c${of}`, touched: [[number, number + 1]] }),
    ),
  );

/** The definition, word by word: it stands when no later one that stands takes it back. */
function stands(list: readonly Correction<string>[], index: number): boolean {
  return !list.some((later, at) => at > index && later.reverts === list[index]?.id && stands(list, at));
}

describe('the corrections in force', () => {
  test('are those that no later one in force takes back', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const expected = list.filter((_, index) => stands(list, index));
        expect(standingOf(list)).toEqual(expected);
        expect(effectiveOf(list)).toEqual(expected.filter(({ reverts }) => reverts === null));
      }),
    );
  });

  test('taken back, and the taking back taken back, are in force again', () => {
    const list = [correction(0), correction(1, { reverts: 'c0' }), correction(2, { reverts: 'c1' })];
    expect(effectiveOf(list.slice(0, 1)).map(({ id }) => id)).toEqual(['c0']);
    expect(effectiveOf(list.slice(0, 2))).toEqual([]);
    expect(effectiveOf(list).map(({ id }) => id)).toEqual(['c0']);
  });

  test('drop what any of them drops, of the log and of rows that another one added', () => {
    const targets: Record<string, Targets> = {
      c0: [{ source: 1, runs: [[3, 5]] }],
      c1: [
        { source: 1, runs: [[4, 9]] },
        { source: addedOf(0), runs: [[0, 1]] },
      ],
    };
    const some = { count: 1, sha256: 'x' };
    const list = [
      correction(0, { targets: some, added: { rows: 2, file: 'rows' } }),
      correction(1, { targets: some }),
      correction(2, { reverts: 'c0' }),
    ];
    const overlay = overlayOf(list.slice(0, 2), ({ id }) => targets[id] ?? []);
    expect(overlay.dropped.get(1)).toEqual([[3, 9]]);
    expect(overlay.dropped.get(addedOf(0))).toEqual([[0, 1]]);
    expect(overlay.added).toEqual([{ source: addedOf(0), rows: 2, file: 'rows' }]);
    // Taken back, the rows are gone and the later correction's targets among them hit nothing.
    const after = overlayOf(list, ({ id }) => targets[id] ?? []);
    expect(after.dropped.get(1)).toEqual([[4, 9]]);
    expect(after.added).toEqual([]);
  });

  test('touch, between two lists, all that is in one of them only', () => {
    fc.assert(
      fc.property(lists, fc.nat({ max: 8 }), fc.nat({ max: 8 }), (list, m, n) => {
        const [a, b] = [list.slice(0, m), list.slice(0, n)];
        const apart = list.slice(Math.min(m, n), Math.max(m, n)).map(({ number }) => number);
        const touched = touchedBetween(a, b).flatMap(([from, to]) =>
          Array.from({ length: to - from }, (_, i) => from + i),
        );
        expect(touched).toEqual(apart);
      }),
    );
  });

  test('touch every bucket that holds some of their time', () => {
    expect(
      bucketsOf(
        [
          [-5, 1],
          [19, 21],
        ],
        10,
      ),
    ).toEqual([-10, 0, 10, 20]);
    expect(bucketsOf([[10, 20]], 10)).toEqual([10]);
  });
});
