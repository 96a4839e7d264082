import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changeFields,
  createClassifier,
  createDecoder,
  enumeration,
  instant,
  int,
  RecordClass,
  SchemaError,
  stream,
  text,
  upsert,
  type SchemaProblem,
  type Stream,
} from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';

const prices = stream('prices', {
  fields: {
    item: text(),
    revision: int(),
    op: enumeration(['insert', 'delete']),
    at: instant('ms'),
    due: instant('ms').optional(),
    amount: int().optional(),
  },
  id: ['item', 'revision'],
  eventTime: 'at',
  partitionKey: 'item',
});
const declared = {
  of: prices,
  key: ['item'],
  revision: 'revision',
  operation: { field: 'op', deletes: ['delete'] },
} as const;

function problemsOf(declare: () => Stream): string[] {
  try {
    declare();
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return (error.facts['problems'] as SchemaProblem[]).map(({ code, path }) => `${path} ${code}`);
  }
  return [];
}

describe('an upsert', () => {
  it('E27: is a stream of the rows, without what takes them away, with sign and id of each change', () => {
    const changes = upsert('price-changes', { ...declared, keep: ['amount'], eventTime: 'due' });
    expect(changes.fields.map(({ name, optional }) => `${name}${optional ? '?' : ''}`)).toEqual([
      ...['item', 'revision', 'at', 'due', 'amount?'],
      ...Object.values(changeFields),
    ]);
    expect(changes.eventTime).toBe('due');
    expect(changes.id).toEqual([changeFields.offset, changeFields.ordinal]);
    expect(changes.change?.of).toBe(prices);
    expect(Object.isFrozen(changes.change)).toBe(true);
  });

  it('E26: has a fingerprint of its own for each thing that decides what is emitted', () => {
    const all = [
      upsert('price-changes', declared),
      upsert('price-changes', { ...declared, keep: ['amount'] }),
      upsert('price-changes', { ...declared, eventTime: 'due' }),
      upsert('price-changes', { of: prices, key: ['item'], revision: 'revision' }),
      upsert('price-changes', { of: prices, key: ['item', 'at'], revision: 'revision' }),
      upsert('price-changes', { of: prices, key: ['item'], revision: 'at' }),
    ];
    expect(new Set(all.map(({ change }) => change?.fingerprint)).size).toBe(all.length);
    expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(all.length);
    expect(upsert('price-changes', declared).fingerprint).toBe(all[0]?.fingerprint);
  });

  it('refuses what can not be told by key and revision, all at once', () => {
    const wrong = {
      of: prices,
      key: ['at', 'at', 'nothing'],
      revision: 'item',
      operation: { field: 'op', deletes: ['gone'] },
      keep: ['item'],
    };
    expect(problemsOf(() => upsert('Price Changes', wrong as never))).toEqual([
      'name NAME_INVALID',
      'key[1] FIELD_REPEATED',
      'key[2] FIELD_UNKNOWN',
      'key NOT_PARTITIONED_BY_KEY',
      'revision FIELD_KIND',
      'keep[0] FIELD_KIND',
      'operation.deletes[0] VALUES_INVALID',
    ]);
    expect(problemsOf(() => upsert('c', { ...declared, revision: 'amount' as never }))).toEqual([
      'revision FIELD_OPTIONAL',
    ]);
    expect(problemsOf(() => upsert('c', { ...declared, key: [] }))).toEqual([
      'key FIELD_COUNT',
      'key NOT_PARTITIONED_BY_KEY',
    ]);
    const changes = upsert('price-changes', declared);
    expect(problemsOf(() => upsert('c', { of: changes, key: ['item'], revision: 'revision' }))).toContain(
      'of FIELD_KIND',
    );
  });
});

describe('the classes of a change stream', () => {
  const changes = upsert('price-changes', { ...declared, dedupeHorizon: 6 });
  const place = fc.integer({ min: 0, max: 30 });

  /** Changes in whatever order, by twice the input offset plus the ordinal; -1 is a message that is no change. */
  const batchOf = (places: readonly number[], from: number) =>
    memoryBatch(
      0,
      from,
      places.map((at) => ({
        value:
          at < 0 ? '{' : { item: 'a', revision: 1, at: 0, changeSign: 1, changeOffset: at >> 1, changeOrdinal: at & 1 },
        time: 0,
      })),
    );

  function classesOf(places: readonly number[], from: number, sizes: readonly number[]): number[] {
    const [decoder, classifier] = [createDecoder(changes), createClassifier(changes)];
    classifier.restart(from);
    const classes: number[] = [];
    for (let at = from, turn = 0; at < places.length; turn++) {
      const end = Math.min(places.length, at + (sizes[turn % sizes.length] ?? 1));
      const columns = decoder.decode(batchOf(places.slice(at, end), at));
      classifier.classify(columns);
      classes.push(...columns.classes.subarray(0, columns.count));
      at = end;
    }
    return classes;
  }

  it('E26: a change is a repetition where the horizon before it has the same or a later one, however it is read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 9, arbitrary: place }, fc.constant(-1)), { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.nat(60),
        (places, sizes, restart) => {
          const expected = places.map((own, i) => {
            if (own < 0) return RecordClass.rejected;
            const before = places.slice(Math.max(0, i - 6), i);
            return before.some((other) => other >= own) ? RecordClass.duplicate : RecordClass.applied;
          });
          expect(classesOf(places, 0, sizes)).toEqual(expected);
          const from = Math.min(restart, places.length);
          expect(classesOf(places, from, sizes).slice(6)).toEqual(expected.slice(from + 6));
        },
      ),
    );
  });
});
