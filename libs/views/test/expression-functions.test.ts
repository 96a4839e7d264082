import { boolean, bytes, date, decimal, instant, int, list, stream, text, type ShapesOf } from '@twofold/schemas';
import {
  compileCondition,
  compileNumber,
  compileText,
  count,
  greatest,
  least,
  tumbling,
  view,
  ViewError,
  type BooleanExpression,
  type EventFields,
  type Expr,
  type NumberExpression,
  type TextExpression,
  type TimeExpression,
} from '@twofold/views';
import { memoryColumns, type MemoryEvent } from '@twofold/views/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const events = stream('events', {
  fields: {
    id: text(),
    at: instant('ms'),
    s: text().optional(),
    t: text().optional(),
    n: int().between(-1_000, 1_000).optional(),
    m: int().between(-1_000, 1_000).optional(),
    day: date().optional(),
    us: instant('us').optional(),
    on: boolean().optional(),
    blob: bytes().optional(),
    tags: list(text()).optional(),
    sizes: list(decimal(1)).optional(),
  },
  id: ['id'],
  eventTime: 'at',
});

type Fields = EventFields<ShapesOf<typeof events>>;
type Any = NumberExpression | TextExpression | TimeExpression | BooleanExpression;

function exprOf(build: (e: Fields) => Any): Expr {
  const declared = view('probe', {
    from: events,
    version: 1,
    window: tumbling('1m'),
    dimensions: (e) => ({ x: build(e) }),
    measures: () => ({ n: count() }),
    levels: { '1m': 'forever' },
    serve: [{ key: [] }],
  });
  return declared.dimensions[0]?.expr ?? expect.fail('no expression');
}

/** The value for one event; a condition as true or false (null too). */
function valueOf(build: (e: Fields) => Any, values: MemoryEvent['values']): unknown {
  const expr = exprOf(build);
  const columns = memoryColumns(events, [{ time: 0, values }]);
  if (expr.type.kind === 'text') return compileText(expr, events)(columns, 0);
  if (expr.type.kind === 'boolean') return compileCondition(expr, events)(columns, 0);
  const number = compileNumber(expr, events)(columns, 0);
  return Number.isNaN(number) ? null : number;
}

function refusal(build: (e: Fields) => Any): string {
  try {
    exprOf(build);
    return 'none';
  } catch (error) {
    const problems = error instanceof ViewError ? error.facts['problems'] : null;
    return JSON.stringify(problems);
  }
}

describe('functions of texts', () => {
  const s = 'aé\u{1f600}b';
  it.each<readonly [string, (e: Fields) => Any, unknown]>([
    ['count code points', (e) => e.s.length(), 4],
    ['count bytes', (e) => e.s.byteLength(), 8],
    ['find the first place', (e) => e.s.indexOf('b'), 3],
    ['find no place', (e) => e.s.indexOf('x'), -1],
    ['take a part', (e) => e.s.substring(1, 2), 'é\u{1f600}'],
    ['take the rest', (e) => e.s.substring(2), '\u{1f600}b'],
    ['take nothing behind the end', (e) => e.s.substring(9, 1), ''],
    ['take the last', (e) => e.s.last(2), '\u{1f600}b'],
    ['replace every place', (e) => e.s.concat('b').replace('b', '$&'), 'aé\u{1f600}$&$&'],
    ['change letters of ASCII only', (e) => e.s.upperAscii(), 'Aé\u{1f600}B'],
    ['cut blanks off, and nothing else', (e) => e.s.concat(' \t  ').trim(), `${s} \t`],
    ['match the whole text', (e) => e.s.matches('[a-z].+'.replace('.', '[^z]')), true],
    ['do not match a part', (e) => e.s.matches('a'), false],
    ['put together', (e) => e.s.concat('-', e.n.toText()), `${s}-7`],
    ['are null where a text is', (e) => e.s.concat(e.t), null],
    ['give null for null', (e) => e.t.length(), null],
  ])('%s', (_, build, expected) => {
    expect(valueOf(build, { s, n: 7 })).toBe(expected);
  });

  it('are those of lists of code points', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(anyText, fc.nat(6), fc.integer({ min: 1, max: 6 }), (value, start, length) => {
        const points = [...value];
        const of = (build: (e: Fields) => Any): unknown => valueOf(build, { s: value });
        expect(of((e) => e.s.length())).toBe(points.length);
        expect(of((e) => e.s.byteLength())).toBe(Buffer.byteLength(value));
        expect(of((e) => e.s.substring(start, length))).toBe(points.slice(start, start + length).join(''));
        expect(of((e) => e.s.last(length))).toBe(points.slice(-length).join(''));
      }),
    );
  });
});

describe('parts of times', () => {
  it('are those of UTC, from the year 1 to 9999', () => {
    const instants = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(instants, (at) => {
        const date = new Date(at);
        const of = (build: (e: Fields) => Any): unknown => valueOf(build, { at });
        expect(of((e) => e.at.year())).toBe(date.getUTCFullYear());
        expect(of((e) => e.at.month())).toBe(date.getUTCMonth() + 1);
        expect(of((e) => e.at.dayOfMonth())).toBe(date.getUTCDate());
        expect(of((e) => e.at.dayOfWeek())).toBe(((date.getUTCDay() + 6) % 7) + 1);
        expect(of((e) => e.at.hour())).toBe(date.getUTCHours());
        expect(of((e) => e.at.minute())).toBe(date.getUTCMinutes());
        expect(of((e) => e.at.second())).toBe(date.getUTCSeconds());
        expect(of((e) => e.at.date())).toBe(Math.floor(at / 86_400_000));
      }),
    );
  });

  it.each([
    ['2026-01-01', 1],
    ['2025-12-29', 1],
    ['2025-12-28', 52],
    ['2020-12-31', 53],
    ['2021-01-03', 53],
    ['2021-01-04', 1],
    ['1969-12-29', 1],
    ['0001-01-01', 1],
    ['9999-12-31', 52],
  ])('name the ISO week: %s is in week %i', (day, week) => {
    const days = Date.parse(`${day}T00:00:00Z`) / 86_400_000;
    expect(valueOf((e) => e.day.isoWeek(), { day: days })).toBe(week);
  });

  it('are of microseconds too, and of times in between', () => {
    const us = -1;
    expect(valueOf((e) => e.us.second(), { us })).toBe(59);
    expect(valueOf((e) => e.us.year(), { us })).toBe(1969);
    expect(valueOf((e) => e.at.since(e.at), { at: 5 })).toBe(0);
    expect(valueOf((e) => e.day.since(e.at.date()), { day: 3, at: -1 })).toBe(4);
    expect(valueOf((e) => e.day.since(e.at.date()), { at: -1 })).toBe(null);
  });
});

describe('functions of numbers', () => {
  it.each<readonly [string, (e: Fields) => Any, MemoryEvent['values'], unknown]>([
    ['sign of a negative', (e) => e.n.sign(), { n: -7 }, -1],
    ['sign of 0', (e) => e.n.sign(), { n: 0 }, 0],
    ['greatest', (e) => greatest(e.n, e.m), { n: 3, m: 4 }, 4],
    ['greatest passes over null', (e) => greatest(e.n, e.m), { n: 3 }, 3],
    ['least of nothing', (e) => least(e.n, e.m), {}, null],
    ['null is not distinct from null', (e) => e.n.isDistinctFrom(e.m), {}, false],
    ['null is distinct from 0', (e) => e.n.isDistinctFrom(0), {}, true],
    ['a text is distinct from null', (e) => e.s.isDistinctFrom(e.t), { s: 'a' }, true],
    ['true is not distinct from true', (e) => e.on.isDistinctFrom(true), { on: 1 }, false],
    ['digits', (e) => e.n.toText(), { n: -12 }, '-12'],
  ])('%s', (_, build, values, expected) => {
    expect(valueOf(build, values)).toBe(expected);
  });
});

describe('bytes and lists', () => {
  it.each<readonly [string, (e: Fields) => Any, MemoryEvent['values'], unknown]>([
    ['bytes are counted: none', (e) => e.blob.byteLength(), { blob: '' }, 0],
    ['bytes are counted: one', (e) => e.blob.byteLength(), { blob: 'AA==' }, 1],
    ['bytes are counted: two', (e) => e.blob.byteLength(), { blob: 'AAE=' }, 2],
    ['bytes are counted: six', (e) => e.blob.byteLength(), { blob: 'AAECAwQF' }, 6],
    ['bytes are equal', (e) => e.blob.equals('AAE='), { blob: 'AAE=' }, true],
    ['bytes of null', (e) => e.blob.byteLength(), {}, null],
    ['items are counted: none', (e) => e.tags.length(), { tags: '[]' }, 0],
    ['items are counted: one', (e) => e.tags.length(), { tags: '["a\\u002cb"]' }, 1],
    ['items are counted: three', (e) => e.tags.length(), { tags: '["a","b","c"]' }, 3],
    ['items of null', (e) => e.tags.length(), {}, null],
    ['an item alone', (e) => e.tags.contains('a'), { tags: '["a"]' }, true],
    ['an item in front', (e) => e.tags.contains('a'), { tags: '["a","b"]' }, true],
    ['an item at the end', (e) => e.tags.contains('b'), { tags: '["a","b"]' }, true],
    ['an item in between', (e) => e.tags.contains('b'), { tags: '["a","b","c"]' }, true],
    ['an item with a comma', (e) => e.tags.contains('a,b'), { tags: '["x","a\\u002cb"]' }, true],
    ['a part of an item is none', (e) => e.tags.contains('a'), { tags: '["aa","ba"]' }, false],
    ['what stands between items is none', (e) => e.tags.contains(','), { tags: '["a","b"]' }, false],
    ['an item of an empty list', (e) => e.tags.contains(''), { tags: '[]' }, false],
    ['an item in units', (e) => e.sizes.contains(0.5), { sizes: '[15,5]' }, true],
    ['digits of an item are none', (e) => e.sizes.contains(0.5), { sizes: '[15,50]' }, false],
  ])('%s', (_, build, values, expected) => {
    expect(valueOf(build, values)).toBe(expected);
  });

  it('refuse an item that can not be held', () => {
    expect(refusal((e) => e.sizes.contains(0.55))).toContain('no whole number of units');
    expect(refusal((e) => e.tags.contains('\ud800'))).toContain('half a character');
  });
});

describe('what engines would not agree on is refused', () => {
  it.each<readonly [string, (e: Fields) => Any, string]>([
    ['an empty text that is looked for', (e) => e.s.indexOf(''), 'which is everywhere'],
    ['an empty text that is replaced', (e) => e.s.replace('', 'x'), 'which is everywhere'],
    ['half a character', (e) => e.s.concat('\ud800'), 'holds half a character'],
    ['a start below 0', (e) => e.s.substring(-1), 'from 0 to 2^30, and not -1'],
    ['a length of half', (e) => e.s.substring(0, 0.5), 'from 1 to 2^30, and not 0.5'],
    ['the last none', (e) => e.s.last(0), 'from 1 to 2^30, and not 0'],
    ['a pattern of a language of its own', (e) => e.s.matches('\\d+'), 'means nothing here'],
    ['a pattern that engines do not repeat so often', (e) => e.s.matches('(a{40}){40}'), 'more than 1000 times'],
    ['a calendar beyond the year 9999', (e) => e.day.orElse(2 ** 40).year(), 'can leave the years 1 to 9999'],
    ['a span of microseconds that no double holds', (e) => e.us.since(e.us), 'beyond 2^53'],
  ])('%s', (_, build, message) => {
    expect(refusal(build)).toContain(message);
  });
});
