import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createClassifier,
  createDecoder,
  decimal,
  instant,
  SchemaError,
  stream,
  text,
  type Stream,
} from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';

const time = 1_700_000_000_000;

function declare(dedupeHorizon: number): Stream {
  return stream('s', {
    fields: { key: text(), n: decimal(1), other: text(), at: instant('ms') },
    id: ['key', 'n', 'other'],
    eventTime: 'at',
    dedupeHorizon,
  });
}

/** A position: a record with an id, one to be rejected, or none (control). */
type Position = { readonly key: string; readonly n: number; readonly other: string } | 'rejected' | 'control';

const position: fc.Arbitrary<Position> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      key: fc.constantFrom('a', 'b', '', 'ab'),
      n: fc.constantFrom(0, 0.5, -0.5, 2 ** 40),
      other: fc.constantFrom('x', 'y'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ key: fc.string({ maxLength: 3 }), n: fc.integer(), other: fc.constant('b') }) },
  { weight: 1, arbitrary: fc.constant('rejected' as const) },
  { weight: 2, arbitrary: fc.constant('control' as const) },
);

/** E9 as it is written: 0 applied, 1 duplicate, 2 rejected, null control. */
function classesByRule(positions: readonly Position[], horizon: number): (number | null)[] {
  return positions.map((here, offset) => {
    if (here === 'control') return null;
    if (here === 'rejected') return 2;
    const before = positions.slice(Math.max(offset - horizon, 0), offset);
    return before.some(
      (one) => typeof one === 'object' && one.key === here.key && one.n === here.n && one.other === here.other,
    )
      ? 1
      : 0;
  });
}

/** Cuts positions into batches of the given sizes, over and over. */
function batchesOf(
  positions: readonly Position[],
  sizes: readonly number[],
  origin: number,
): ReturnType<typeof memoryBatch>[] {
  const batches = [];
  for (let at = 0, i = 0; at < positions.length; i++) {
    const part = positions.slice(at, at + (sizes[i % sizes.length] ?? 1));
    const records = part.flatMap((here, offsetDelta) =>
      here === 'control' ? [] : [{ value: here === 'rejected' ? '?' : { ...here, at: time }, time, offsetDelta }],
    );
    batches.push(memoryBatch(0, origin + at, records, origin + at + part.length));
    at += part.length;
  }
  return batches;
}

function classify(
  declared: Stream,
  batches: readonly ReturnType<typeof memoryBatch>[],
  start: number,
  resets: readonly boolean[] = [],
): Map<number, number> {
  const classifier = createClassifier(declared);
  const decoder = createDecoder(declared);
  const found = new Map<number, number>();
  classifier.restart(start);
  batches.forEach((batch, i) => {
    if (resets[i % Math.max(resets.length, 1)] === true) decoder.dictionary.reset();
    const columns = decoder.decode(batch);
    classifier.classify(columns);
    for (let row = 0; row < columns.count; row++) found.set(columns.offsets[row] ?? -1, columns.classes[row] ?? -1);
  });
  expect(classifier.position).toBe(batches.at(-1)?.nextOffset ?? start);
  return found;
}

describe('a classifier', () => {
  it('marks as duplicates exactly what E9 says, over resets of the dictionary and any cut into batches', () => {
    fc.assert(
      fc.property(
        fc.array(position, { maxLength: 120 }),
        fc.integer({ min: 0, max: 20 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 7, 2 ** 40),
        (positions, horizon, sizes, resets, origin) => {
          const found = classify(declare(horizon), batchesOf(positions, sizes, origin), origin, resets);
          classesByRule(positions, horizon).forEach((wanted, i) =>
            expect([i, found.get(origin + i) ?? null]).toEqual([i, wanted]),
          );
        },
      ),
      { numRuns: 1500 },
    );
  }, 60_000);

  it('is right from a horizon after its start on, wherever it starts', () => {
    fc.assert(
      fc.property(
        fc.array(position, { minLength: 10, maxLength: 80 }),
        fc.integer({ min: 1, max: 10 }),
        fc.nat({ max: 60 }),
        (positions, horizon, from) => {
          const start = Math.min(from, positions.length - 1);
          const found = classify(declare(horizon), batchesOf(positions.slice(start), [7], start), start);
          classesByRule(positions, horizon).forEach((wanted, offset) => {
            if (offset >= start + horizon) expect([offset, found.get(offset) ?? null]).toEqual([offset, wanted]);
          });
        },
      ),
      { numRuns: 500 },
    );
  }, 60_000);

  it('forgets everything at a restart, also one backwards', () => {
    const declared = declare(10);
    const decoder = createDecoder(declared);
    const classifier = createClassifier(declared);
    const value = { key: 'k', n: 1, other: 'o', at: time };
    for (const start of [100, 95, 0, 100]) {
      classifier.restart(start);
      const columns = decoder.decode(
        memoryBatch(0, start, [
          { value, time },
          { value, time },
        ]),
      );
      classifier.classify(columns);
      expect([...columns.classes.subarray(0, 2)]).toEqual([0, 1]);
    }
  });

  it('stays exact when nearly every text is new, long after the first ones were let go', () => {
    const horizon = 1000;
    const declared = declare(horizon);
    const decoder = createDecoder(declared);
    const classifier = createClassifier(declared);
    const lastSeen = new Map<number, number>();
    for (let batch = 0; batch < 60; batch++) {
      if (batch % 3 === 0) decoder.dictionary.reset();
      const ids = Array.from({ length: 500 }, (_, row) => {
        const offset = batch * 500 + row;
        return offset % 10 === 9 ? offset - (offset % 3) - 999 : offset;
      });
      const records = ids.map((id) => ({ value: { key: `key-${id}`, n: 0, other: `${id % 7}`, at: time }, time }));
      const columns = decoder.decode(memoryBatch(0, batch * 500, records));
      classifier.classify(columns);
      ids.forEach((id, row) => {
        const offset = batch * 500 + row;
        const wanted = offset - (lastSeen.get(id) ?? -Infinity) <= horizon ? 1 : 0;
        expect([offset, columns.classes[row]]).toEqual([offset, wanted]);
        lastSeen.set(id, offset);
      });
    }
  });

  it('refuses a batch that does not follow', () => {
    const declared = declare(10);
    const classifier = createClassifier(declared);
    const columns = createDecoder(declared).decode(memoryBatch(3, 5, []));
    expect(() => classifier.classify(columns)).toThrow(SchemaError);
    expect(() => classifier.classify(columns)).toThrow(/position 0 is next, and the batch begins at 5/);
  });
});
