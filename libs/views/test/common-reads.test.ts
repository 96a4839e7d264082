import { RecordClass } from '@twofold/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommonReads } from '../src/common-reads.ts';
import { createFold } from '../src/fold-columns.ts';
import type { Expr } from '../src/expression.ts';
import { fieldExpr } from '../src/testing/field-expr.ts';
import { memoryColumns, MemoryDictionary, type MemoryEvent } from '../src/testing/memory-columns.ts';
import type { View } from '../src/view.ts';
import { plainView, readings, type MeasureSpec } from './sample-views.ts';

const boolean = { kind: 'boolean', nullable: true } as const;
const whole = fieldExpr(readings, 'whole');
const wholes = { ...whole.type, nullable: false };
const text = { kind: 'text', nullable: true } as const;

/** Conditions by shape; a few of each, so that views often have equal ones. */
const conditions: readonly (Expr | null)[] = [
  null,
  ...[-1, 0, 1].map((value): Expr => ({
    ...{ op: 'gte', left: whole, right: { op: 'literal', value, type: wholes } },
    type: boolean,
  })),
  fieldExpr(readings, 'alarm'),
  { op: 'oneOf', of: fieldExpr(readings, 'site'), values: ['a', 'b'], type: boolean },
];

/** Dimensions of every kind of reader: none, a text, a number, pairs, three, and a text that is made of others. */
const dimensions: readonly (readonly string[])[] = [
  [],
  ['sensorId'],
  ['whole'],
  ['sensorId', 'site'],
  ['site', 'sensorId'],
  ['whole', 'alarm', 'site'],
];
const lower: Expr = { op: 'lowerAscii', of: fieldExpr(readings, 'sensorId'), type: text };

const measures: readonly MeasureSpec[] = [
  ['total', 'sum', 'whole'],
  ['least', 'min', 'pressure'],
  ['first', 'min', 'site'],
];

const views: fc.Arbitrary<View> = fc
  .record({
    where: fc.constantFrom(...conditions),
    by: fc.constantFrom(...dimensions),
    loose: fc.boolean(),
    widthMs: fc.constantFrom(1_000, 10_000),
    sessions: fc.boolean(),
  })
  .map(({ where, by, loose, widthMs, sessions }) => {
    const of = plainView(by, measures, sessions ? { sessionGapMs: 500 } : {});
    return {
      ...of,
      where,
      dimensions: loose ? [...of.dimensions, { name: 'lower', expr: lower }] : of.dimensions,
      levels: [{ widthMs, retainMs: null }],
    };
  });

const small = fc.option(fc.integer({ min: -2, max: 2 }), { freq: 5 });
const event: fc.Arbitrary<MemoryEvent> = fc.record({
  time: fc.integer({ min: -25_000, max: 25_000 }),
  class: fc.constantFrom(RecordClass.applied, RecordClass.applied, RecordClass.applied, RecordClass.duplicate),
  values: fc.record({
    sensorId: fc.constantFrom('a', 'A', 'b', 'é'),
    site: fc.option(fc.constantFrom('', 'a', 'b'), { freq: 5 }),
    whole: fc.integer({ min: -2, max: 2 }),
    pressure: small,
    alarm: fc.option(fc.constantFrom(0, 1), { freq: 5 }),
  }),
});

/** What is done with a batch: which rows of it which folds take, and what comes behind it. */
const batch = fc.record({
  events: fc.array(event, { maxLength: 30 }),
  cuts: fc.array(fc.nat(30), { maxLength: 3 }),
  takes: fc.boolean(),
  clears: fc.boolean(),
  newDictionary: fc.boolean(),
});

const bytesOf = (fold: ReturnType<typeof createFold>): [number, string][] =>
  fold.takeDirty().map(({ bucket, bytes }) => [bucket, Buffer.from(bytes).toString('hex')]);

describe('what folds of a stream read in common', () => {
  it('changes no byte: shared folds of any views, batches, slices and dictionaries give what each gives alone', () => {
    const property = fc.property(
      fc.array(views, { minLength: 1, maxLength: 6 }),
      fc.array(batch, { maxLength: 6 }),
      (some, batches) => {
        const reads = new CommonReads(readings);
        const shared = some.map((view) => createFold(view, reads));
        const alone = some.map((view) => createFold(view));
        const dictionary = new MemoryDictionary();
        let offset = 0;
        for (const { events, cuts, takes, clears, newDictionary } of batches) {
          if (newDictionary) dictionary.reset();
          const columns = memoryColumns(readings, events, dictionary, offset);
          offset += events.length;
          reads.begin(columns);
          const edges = [...new Set([0, ...cuts.map((cut) => Math.min(cut, events.length)), events.length])];
          edges.sort((a, b) => a - b);
          some.forEach((_, i) => {
            for (const [at, from] of edges.slice(0, -1).entries()) {
              const to = edges[at + 1] ?? from;
              for (const fold of [shared[i], alone[i]]) fold?.apply(columns, from, to);
              if (takes) expect(bytesOf(shared[i] ?? expect.fail())).toEqual(bytesOf(alone[i] ?? expect.fail()));
              if (clears) for (const fold of [shared[i], alone[i]]) fold?.clear();
            }
          });
        }
        expect(shared.map(bytesOf)).toEqual(alone.map(bytesOf));
      },
    );
    fc.assert(property, { numRuns: 400 });
  });

  it('is of the batch that was begun last, also when a decoder uses its columns again', () => {
    const reads = new CommonReads(readings);
    const of = plainView(['sensorId', 'whole'], measures);
    const folds = [createFold(of, reads), createFold({ ...of, where: conditions[1] ?? null }, reads)];
    const alone = [createFold(of), createFold({ ...of, where: conditions[1] ?? null })];
    const dictionary = new MemoryDictionary();
    const columnsOf = (values: readonly number[]) =>
      memoryColumns(
        readings,
        values.map((value) => ({ time: 0, values: { sensorId: 'a', whole: value } })),
        dictionary,
      );
    const columns = columnsOf([1, 2, 3]);
    for (const values of [
      [1, 2, 3],
      [-5, 2, 7],
    ]) {
      Object.assign(columns, columnsOf(values));
      reads.begin(columns);
      for (const fold of [...folds, ...alone]) fold.apply(columns, 0, 3);
    }
    expect(folds.map(bytesOf)).toEqual(alone.map(bytesOf));
  });

  it('a fold that comes later, and one that stays behind, read what they need', () => {
    const reads = new CommonReads(readings);
    const of = plainView(['sensorId', 'site'], measures);
    const early = createFold(of, reads);
    const dictionary = new MemoryDictionary();
    const columnsOf = (from: number) =>
      memoryColumns(
        readings,
        Array.from({ length: 5 }, (_, i) => ({
          time: 0,
          values: { sensorId: `s${from + i}`, site: `t${i}`, whole: i },
        })),
        dictionary,
      );
    const [first, second] = [columnsOf(0), columnsOf(3)];
    reads.begin(first);
    early.apply(first, 2, 5);
    const late = createFold(of, reads);
    late.apply(first, 4, 5);
    reads.begin(second);
    late.apply(second, 0, 5);
    const alone = createFold(of);
    alone.apply(first, 4, 5);
    alone.apply(second, 0, 5);
    expect(bytesOf(late)).toEqual(bytesOf(alone));
    const other = createFold(of);
    other.apply(first, 2, 5);
    expect(bytesOf(early)).toEqual(bytesOf(other));
  });
});
