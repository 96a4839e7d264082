import { boolean, decimal, instant, int, stream, text, type ShapesOf } from '@twofold/schemas';
import {
  compileCondition,
  count,
  tumbling,
  view,
  type BooleanExpression,
  type EventFields,
  type Expr,
} from '@twofold/views';
import { memoryColumns, MemoryDictionary } from '@twofold/views/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter } from '../src/filter-rows.ts';

const events = stream('events', {
  fields: {
    id: text(),
    at: instant('ms'),
    a: int().between(-100, 100).optional(),
    b: int().between(-100, 100).optional(),
    whole: int().optional(),
    tenths: decimal(1).between(-100, 100).optional(),
    p: boolean().optional(),
    s: text().optional(),
    t: text().optional(),
  },
  id: ['id'],
  eventTime: 'at',
});

type Fields = EventFields<ShapesOf<typeof events>>;

function whereOf(build: (e: Fields) => BooleanExpression): Expr {
  const { where } = view('probe', {
    from: events,
    version: 1,
    where: build,
    window: tumbling('1m'),
    dimensions: () => ({}),
    measures: () => ({ n: count() }),
    levels: { '1m': 'forever' },
    serve: [{ key: [] }],
  });
  return where ?? expect.fail('there is no condition');
}

const conditions: Readonly<Record<string, (e: Fields) => BooleanExpression>> = {
  equal: (e) => e.a.equals(3),
  'not equal': (e) => e.a.notEquals(3),
  less: (e) => e.a.lessThan(-2),
  'at most': (e) => e.tenths.atMost(1.5),
  greater: (e) => e.tenths.greaterThan(0),
  'at least': (e) => e.a.atLeast(0),
  'more than 2^53 - 1': (e) => e.whole.greaterThan(2 ** 53 - 1),
  'more than 2^53': (e) => e.whole.greaterThan(2 ** 53),
  'less than -2^53': (e) => e.whole.lessThan(-(2 ** 53)),
  'less than -2^53 + 1': (e) => e.whole.lessThan(1 - 2 ** 53),
  'at least 2^53 - 1': (e) => e.whole.atLeast(2 ** 53 - 1),
  'two fields': (e) => e.a.lessThan(e.b),
  among: (e) => e.a.isOneOf([1, 2, -3]),
  'a boolean': (e) => e.p,
  'not a boolean': (e) => e.p.not(),
  'a text': (e) => e.s.equals('a'),
  'another text': (e) => e.s.notEquals('a'),
  'order of texts': (e) => e.s.atLeast('b'),
  'texts among': (e) => e.s.isOneOf(['', 'é']),
  prefix: (e) => e.s.startsWith('a'),
  'a text of an expression': (e) => e.s.lowerAscii().equals('a'),
  'several at once': (e) => e.p.and(e.a.atLeast(-3), e.s.notEquals('b'), e.tenths.lessThan(2)),
  'a range': (e) => e.a.greaterThan(-3).and(e.a.atMost(2), e.b.isNotNull()),
  'several ranges': (e) => e.a.lessThan(3).and(e.s.isNotNull(), e.a.notEquals(1), e.b.atLeast(-2), e.b.lessThan(0)),
  'a text or a range': (e) => e.s.equals('a').or(e.a.lessThan(0)),
  'a range or another text': (e) => e.a.notEquals(1).or(e.t.notEquals('b')),
  'either text': (e) => e.s.equals('a').or(e.t.isOneOf(['', 'b'])),
  'either range': (e) => e.p.or(e.a.atLeast(2)),
  'a boolean and a text': (e) => e.p.and(e.s.isOneOf(['a', 'b'])),
  'all texts but one and a range': (e) => e.s.notEquals('a').and(e.a.lessThan(0)),
  'one of several': (e) => e.p.or(e.a.atLeast(2), e.t.equals('a')),
  'null or not': (e) => e.a.isNull().or(e.s.isNotNull().and(e.b.equals(0))),
};

const small = fc.option(fc.integer({ min: -4, max: 4 }), { freq: 5 });
const texts = fc.option(fc.constantFrom('', 'a', 'A', 'b', 'ab', 'é', '\u{1f600}'), { freq: 5 });
const row = fc.record({
  a: small,
  b: small,
  whole: fc.option(fc.constantFrom(0, 2 ** 53, 2 ** 53 - 1, 2 ** 53 - 2, -(2 ** 53), 1 - 2 ** 53), { freq: 5 }),
  tenths: fc.option(fc.integer({ min: -25, max: 25 }), { freq: 5 }),
  p: fc.option(fc.constantFrom(0, 1), { freq: 5 }),
  s: texts,
  t: texts,
});

describe('a condition over many rows', () => {
  it.each(Object.keys(conditions))(
    'leaves the rows for which it is TRUE, in order, as one at a time does: %s',
    (name) => {
      const where = whereOf(conditions[name] ?? expect.fail(name));
      const dictionary = new MemoryDictionary();
      // One after the other, so that what is remembered of a dictionary is used, and forgotten when it begins anew.
      const [filter, condition] = [compileFilter(where, events), compileCondition(where, events)];
      const drawnRows = fc.array(row, { maxLength: 20 });
      const property = fc.property(
        ...([drawnRows, fc.boolean(), fc.boolean(), fc.nat(3)] as const),
        (drawn, anew, inPlace, first) => {
          if (anew) dictionary.reset();
          const list = drawn.map((values, at) => ({ time: at, values: { id: 'x', at, ...values } }));
          const columns = memoryColumns(events, list, dictionary);
          const from = Math.min(first, list.length);
          const all = new Int32Array(list.length - from);
          const found = filter.among(columns, from, list.length, all);
          const expected = list.flatMap((_, at) => (at >= from && condition(columns, at) ? [at] : []));
          expect([...all.subarray(0, found)]).toEqual(expected);
          // Every other row, from the last one on: what is given decides what is looked at, and in which order.
          const asked = list.flatMap((_, i) => (i % 2 === 0 ? [list.length - 1 - i] : []));
          const rows = Int32Array.from(asked);
          const into = inPlace ? rows : new Int32Array(asked.length);
          const left = filter.of(columns, rows, asked.length, into);
          expect([...into.subarray(0, left)]).toEqual(asked.filter((at) => condition(columns, at)));
        },
      );
      fc.assert(property);
    },
  );
});
