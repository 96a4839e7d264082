import { boolean, decimal, float, instant, int, stream, text, type ShapesOf } from '@twofold/schemas';
import {
  compileCondition,
  compileNumber,
  compileText,
  count,
  expressionText,
  tumbling,
  view,
  ViewError,
  when,
  type BooleanExpression,
  type EventFields,
  type Expr,
  type NumberExpression,
  type TextExpression,
  type TimeExpression,
} from '@twofold/views';
import { memoryColumns, MemoryDictionary } from '@twofold/views/testing';
import { describe, expect, it } from 'vitest';

const events = stream('events', {
  fields: {
    id: text(),
    at: instant('ms'),
    a: int().between(-100, 100).optional(),
    b: int().between(-100, 100).optional(),
    tenths: decimal(1).between(-100, 100).optional(),
    cents: decimal(2).between(-100, 100).optional(),
    quarters: float({ quantum: 0.25 }).between(-100, 100).optional(),
    p: boolean().optional(),
    q: boolean().optional(),
    s: text().optional(),
  },
  id: ['id'],
  eventTime: 'at',
});

/** What a declaration makes of an expression over `events`. */
function exprOf(build: Parameters<typeof dimension>[0]): Expr {
  return dimension(build).dimensions[0]?.expr ?? fail();
}

function dimension(build: (e: Fields) => AnyExpression) {
  return view('probe', {
    from: events,
    version: 1,
    window: tumbling('1m'),
    dimensions: (e) => ({ x: build(e) }),
    measures: () => ({ n: count() }),
    levels: { '1m': 'forever' },
    serve: [{ key: [] }],
  });
}

type Fields = EventFields<ShapesOf<typeof events>>;
type AnyExpression = NumberExpression | TextExpression | TimeExpression | BooleanExpression;

function fail(): never {
  throw new TypeError('there is no expression');
}

type Values = Readonly<Record<string, number | string | null>>;

function numberOf(expr: Expr, values: Values): number | null {
  const value = compileNumber(expr, events)(
    memoryColumns(events, [{ time: 0, values: { id: 'x', at: 0, ...values } }]),
    0,
  );
  return Number.isNaN(value) ? null : value;
}

describe('arithmetic on units', () => {
  it.each([
    [7, 2, 3, 1, 1],
    [-7, 2, -3, -1, 1],
    [7, -2, -3, 1, -1],
    [-7, -2, 3, -1, -1],
    [6, -2, -3, 0, 0],
    [-6, 2, -3, 0, 0],
    [0, -5, 0, 0, 0],
    [5, 0, null, null, null],
    [null, 2, null, null, null],
  ])('divides %s by %s: quotient %s, remainder %s, modulo %s', (a, b, quotient, remainder, modulo) => {
    expect(
      numberOf(
        exprOf((e) => e.a.quotient(e.b)),
        { a, b },
      ),
    ).toBe(quotient);
    expect(
      numberOf(
        exprOf((e) => e.a.remainder(e.b)),
        { a, b },
      ),
    ).toBe(remainder);
    expect(
      numberOf(
        exprOf((e) => e.a.modulo(e.b)),
        { a, b },
      ),
    ).toBe(modulo);
  });

  it('never makes a negative zero', () => {
    for (const build of [
      (e: Fields) => e.a.times(-5),
      (e: Fields) => e.a.negated(),
      (e: Fields) => e.a.abs(),
      (e: Fields) => e.a.quotient(-3),
      (e: Fields) => e.a.remainder(-3),
      (e: Fields) => e.a.modulo(-3),
    ]) {
      expect(numberOf(exprOf(build), { a: 0 })).toBe(0);
    }
  });

  it('brings units together: tenths and cents, ones and quarters', () => {
    const sum = exprOf((e) => e.tenths.plus(e.cents));
    expect(sum.type).toMatchObject({ kind: 'number', scale: 2, min: -20_000, max: 20_000, nullable: true });
    expect(numberOf(sum, { tenths: 15, cents: 7 })).toBe(157);
    const mixed = exprOf((e) => e.a.minus(e.quarters));
    expect(mixed.type).toMatchObject({ scale: 0, quantum: 0.25 });
    expect(numberOf(mixed, { a: 2, quarters: 1 })).toBe(7);
    expect(
      numberOf(
        exprOf((e) => e.tenths.equals(e.cents)),
        { tenths: 15, cents: 150 },
      ),
    ).toBe(1);
  });

  it('multiplies units: a factor brings its own', () => {
    const fahrenheit = exprOf((e) => e.tenths.times(1.8).plus(32));
    expect(fahrenheit.type).toMatchObject({ scale: 2 });
    expect(numberOf(fahrenheit, { tenths: 215 })).toBe(7070);
    expect(expressionText(fahrenheit)).toBe('(tenths * 1.8) + 32');
    const halves = exprOf((e) => e.quarters.times(0.5));
    expect(halves.type).toMatchObject({ quantum: 0.125 });
    expect(exprOf((e) => e.quarters.times(e.quarters)).type).toMatchObject({ quantum: 0.0625, min: -160_000 });
  });

  it('takes literals by their spelling: 0.1 is one tenth', () => {
    const tenth = exprOf((e) => e.tenths.greaterThan(0.1));
    expect(numberOf(tenth, { tenths: 1 })).toBe(0);
    expect(numberOf(tenth, { tenths: 2 })).toBe(1);
    expect(
      numberOf(
        exprOf((e) => e.cents.isOneOf([0.29, 1.1])),
        { cents: 29 },
      ),
    ).toBe(1);
    expect(
      numberOf(
        exprOf((e) => when(e.p, 1.25, 0.5)),
        { p: 0 },
      ),
    ).toBe(50);
    expect(
      numberOf(
        exprOf((e) => when(e.p, 1, 0.5)),
        { p: 1 },
      ),
    ).toBe(10);
    expect(
      numberOf(
        exprOf((e) => e.a.orElse(-1)),
        { a: null },
      ),
    ).toBe(-1);
  });
});

describe('three-valued logic', () => {
  const truth = [1, 0, null] as const;
  const and = { '1': [1, 0, null], '0': [0, 0, 0], null: [null, 0, null] };
  const or = { '1': [1, 1, 1], '0': [1, 0, null], null: [1, null, null] };

  it('is that of SQL for and, or, not, is null', () => {
    for (const p of truth) {
      truth.forEach((q, i) => {
        expect(
          numberOf(
            exprOf((e) => e.p.and(e.q)),
            { p, q },
          ),
        ).toBe(and[`${p}`][i]);
        expect(
          numberOf(
            exprOf((e) => e.p.or(e.q)),
            { p, q },
          ),
        ).toBe(or[`${p}`][i]);
        expect(
          numberOf(
            exprOf((e) => e.p.equals(e.q)),
            { p, q },
          ),
        ).toBe(p === null || q === null ? null : Number(p === q));
      });
      expect(
        numberOf(
          exprOf((e) => e.p.not()),
          { p },
        ),
      ).toBe(p === null ? null : 1 - p);
      expect(
        numberOf(
          exprOf((e) => e.p.isNull()),
          { p },
        ),
      ).toBe(p === null ? 1 : 0);
      expect(
        numberOf(
          exprOf((e) => when(e.p, 1, 2)),
          { p },
        ),
      ).toBe(p === 1 ? 1 : 2);
    }
  });

  it('filters by true alone', () => {
    const test = compileCondition(
      exprOf((e) => e.a.greaterThan(0)),
      events,
    );
    const columns = memoryColumns(
      events,
      [1, 0, null].map((a) => ({ time: 0, values: { id: 'x', at: 0, a } })),
    );
    expect([0, 1, 2].map((row) => test(columns, row))).toEqual([true, false, false]);
  });
});

describe('texts', () => {
  it('are read through a dictionary that may be reset or exchanged between batches', () => {
    const dictionary = new MemoryDictionary();
    const expr = exprOf((e) => e.s.startsWith('a'));
    const test = compileNumber(expr, events);
    const read = compileText(
      exprOf((e) => e.s),
      events,
    );
    const columns = (s: string, into = dictionary) =>
      memoryColumns(events, [{ time: 0, values: { id: s, at: 0, s } }], into);
    const first = columns('ab');
    expect([test(first, 0), read(first, 0)]).toEqual([1, 'ab']);
    dictionary.reset();
    const second = columns('ba');
    expect([test(second, 0), read(second, 0)]).toEqual([0, 'ba']);
    const other = columns('aa', new MemoryDictionary());
    expect([test(other, 0), read(other, 0)]).toEqual([1, 'aa']);
    const many = Array.from({ length: 200 }, (_, i) => ({
      time: 0,
      values: { id: `${i}`, at: 0, s: `${i % 2 ? 'a' : 'b'}${i}` },
    }));
    const wide = memoryColumns(events, many, dictionary);
    expect(many.map((_, row) => test(wide, row))).toEqual(many.map((_, row) => row % 2));
  });
});

describe('what does not fit is refused', () => {
  it('when it is compiled for the wrong place or the wrong stream', () => {
    const other = stream('other-events', { fields: { id: text(), at: instant('ms') }, id: ['id'], eventTime: 'at' });
    expect(() =>
      compileNumber(
        exprOf((e) => e.a),
        other,
      ),
    ).toThrow(ViewError);
    expect(() =>
      compileNumber(
        exprOf((e) => e.s),
        events,
      ),
    ).toThrow(ViewError);
    expect(() =>
      compileText(
        exprOf((e) => e.a),
        events,
      ),
    ).toThrow(ViewError);
    expect(() =>
      compileCondition(
        exprOf((e) => e.a),
        events,
      ),
    ).toThrow(ViewError);
    const misread = { ...exprOf((e) => e.s), type: { kind: 'boolean', nullable: true } } as Expr;
    expect(() => numberOf(misread, { s: 'x' })).toThrow(ViewError);
  });
});
