import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommonReads } from '../src/common-reads.ts';
import { createFold } from '../src/fold-columns.ts';
import { bucketOf, encodeKey } from '../src/key.ts';
import type { BucketChunk } from '../src/partials.ts';
import { memoryColumns, MemoryDictionary, type MemoryEvent } from '../src/testing/memory-columns.ts';
import type { View } from '../src/view.ts';
import { contents, oracle } from './fold-oracle.ts';
import { plainView, readings } from './sample-views.ts';

const view = plainView(
  ['sensorId', 'site'],
  [
    ['total', 'sum', 'whole'],
    ['most', 'max', 'whole'],
    ['least', 'min', 'pressure'],
  ],
  { buckets: 4 },
);

const values = fc.record({
  sensorId: fc.constantFrom(...'abcdefghij'),
  site: fc.option(fc.constantFrom('', 'x', 'y'), { freq: 5 }),
  whole: fc.integer({ min: -3, max: 3 }),
  pressure: fc.option(fc.integer({ min: -3, max: 3 }), { freq: 4 }),
});

/** A batch as a caught-up log brings it, all of one pane; or of several; and what is done behind it. */
const batch = fc.record({
  pane: fc.integer({ min: -2, max: 3 }),
  events: fc.array(
    fc.record({
      values,
      within: fc.nat(999),
      beside: fc.oneof(
        { weight: 9, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: -2, max: 2 }) },
      ),
    }),
    { minLength: 1, maxLength: 25 },
  ),
  isMixed: fc.boolean(),
  newDictionary: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  behind: fc.constantFrom('nothing', 'nothing', 'take', 'take', 'clear'),
});

function bucketsOf(of: View, events: readonly MemoryEvent[]): number[] {
  const buckets = events.map(({ values: { sensorId = null, site = null } }) =>
    bucketOf(of, encodeKey(of, [sensorId, site])),
  );
  return [...new Set(buckets)].sort((a, b) => a - b);
}

describe('the slots of a fold', () => {
  it('are those of keys and panes, whichever panes batches are of, however dictionaries begin anew and rows are taken', () => {
    const property = fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
      const fold = createFold(view);
      const dictionary = new MemoryDictionary();
      let slice: MemoryEvent[] = [];
      let untaken: MemoryEvent[] = [];
      let taken = new Map<number, BucketChunk>();
      const take = (): void => {
        const chunks = fold.takeDirty();
        expect(chunks.map(({ bucket }) => bucket)).toEqual(bucketsOf(view, untaken));
        for (const chunk of chunks) taken.set(chunk.bucket, chunk);
        expect(contents(view, [...taken.values()])).toEqual(oracle(view, slice));
        untaken = [];
      };
      for (const { pane, events, isMixed, newDictionary, behind } of batches) {
        if (newDictionary) dictionary.reset();
        const some = events.map((of): MemoryEvent => {
          return { time: (pane + (isMixed ? of.beside : 0)) * 1_000 + of.within, values: of.values };
        });
        fold.apply(memoryColumns(readings, some, dictionary), 0, some.length);
        slice = [...slice, ...some];
        untaken = [...untaken, ...some];
        if (behind === 'take') take();
        if (behind !== 'clear') continue;
        fold.clear();
        slice = [];
        untaken = [];
        taken = new Map();
      }
      take();
    });
    fc.assert(property, { numRuns: 600 });
  });

  it('are found for thousands of keys in long batches, of one pane and across the end of one', () => {
    const fold = createFold(view);
    const events = Array.from({ length: 30_000 }, (_, i): MemoryEvent => ({
      time: Math.floor(i / 12) - (i % 7),
      values: { sensorId: `s${(i * 7919) % 4_001}`, site: i % 3 === 0 ? null : `t${i % 3}`, whole: i % 11 },
    }));
    const columns = memoryColumns(readings, events);
    for (let from = 0; from < events.length; from += 10_000) fold.apply(columns, from, from + 10_000);
    expect(contents(view, fold.takeDirty())).toEqual(oracle(view, events));
  });
});

describe('groups that folds have in common', () => {
  it('are the same for each fold, when few rows are asked for and when all were found beforehand', () => {
    const reads = new CommonReads(readings);
    const every = plainView(['sensorId', 'site', 'whole'], [['n', 'count', null]]);
    const few: View = {
      ...every,
      where: {
        op: 'oneOf',
        of: { op: 'field', field: 'sensorId', type: { kind: 'text', nullable: false } },
        values: ['s1'],
        type: { kind: 'boolean', nullable: false },
      },
    };
    const shared = [few, every].map((of) => createFold(of, reads));
    const alone = [few, every].map((of) => createFold(of));
    const dictionary = new MemoryDictionary();
    for (let at = 0; at < 50; at++) {
      // For a while only the one that asks for few is there.
      const from = at % 40 < 20 ? 0 : 1;
      const events = Array.from({ length: 20 }, (_, i): MemoryEvent => ({
        time: at * 100,
        values: { sensorId: `s${(at + i) % 7}`, site: i % 2 === 0 ? null : 'x', whole: i % 3 },
      }));
      const columns = memoryColumns(readings, events, dictionary);
      reads.begin(columns);
      for (const fold of [...shared.slice(0, 2 - from), ...alone.slice(0, 2 - from)]) fold.apply(columns, 0, 20);
      if (at === 30) dictionary.reset();
    }
    expect(shared.map((fold) => fold.takeDirty())).toEqual(alone.map((fold) => fold.takeDirty()));
  });
});
