import type { DuckDBConnection } from '@duckdb/node-api';
import type { Columns } from '@twofold/schemas';
import {
  BooleanExpression,
  compileCondition,
  compileNumber,
  compileText,
  count,
  greatest,
  least,
  max,
  tumbling,
  view,
  when,
  type EventFields,
  type NumberExpression,
  type TextExpression,
  type TimeExpression,
} from '@twofold/views';
import { memoryColumns, viewEvents } from '@twofold/views/testing';
import type { ShapesOf } from '@twofold/schemas';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { duckdbSql } from '../src/sql-duckdb.ts';
import { sqlCondition, sqlNumber, sqlTextOf } from '../src/sql-expression.ts';
import { hexOf, relationOf, rowsOf } from './duckdb-relation.ts';
import { readings } from './sensor-streams.ts';

type Event = EventFields<ShapesOf<typeof readings>>;
type AnyExpression = NumberExpression | TextExpression | TimeExpression | BooleanExpression;

const seed = 20_261_121;

/** Every operator, beside nulls, zeros, the ends of ranges and texts that engines like to treat in ways of their own. */
const expressions: Record<string, (e: Event) => AnyExpression> = {
  field: (e) => e.serial,
  'decimal plus a literal': (e) => e.temperature.plus(0.125),
  'a sum of two scales': (e) => e.temperature.plus(e.pressure.modulo(1000)),
  'a difference of quanta and ones': (e) => e.vibration.minus(e.starts),
  'a product with nulls': (e) => e.starts.times(e.temperature),
  'a product with -1 and 0': (e) => e.starts.times(-1).times(e.starts.remainder(2)),
  'a factor of tenths': (e) => e.temperature.times(1.8).plus(32),
  quotient: (e) => e.serial.quotient(e.starts),
  'a quotient by a literal': (e) => e.temperature.quotient(-0.007),
  'a quotient of the widest': (e) => e.serial.quotient(3),
  remainder: (e) => e.serial.remainder(e.starts),
  modulo: (e) => e.serial.modulo(e.starts),
  'a modulo of negatives': (e) => e.starts.modulo(-7),
  'a modulo of the widest': (e) => e.serial.modulo(9_007_199_254_740_991),
  negated: (e) => e.serial.negated(),
  abs: (e) => e.serial.abs(),
  coalesce: (e) => e.starts.orElse(-5),
  'coalesce of two fields': (e) => e.starts.orElse(e.serial).orElse(1),
  'coalesce of a condition': (e) => e.tested.orElse(false),
  'coalesce of texts': (e) => e.note.orElse('?').orElse(e.sensorId),
  'coalesce of days': (e) => e.installed.orElse('1969-12-31'),
  when: (e) => when(e.starts.greaterThan(0), e.serial, 0),
  'when without otherwise': (e) => when(e.note.greaterThan('a'), 1),
  'when on a null condition': (e) => when(e.tested, e.temperature, e.temperature.negated()),
  'when of texts': (e) => when(e.starts.atMost(0), e.note, e.sensorId),
  'when of instants': (e) => when(e.tested.equals(false), e.at),
  isNull: (e) => e.note.isNull(),
  'isNotNull of arithmetic': (e) => e.starts.plus(e.serial.remainder(10)).isNotNull(),
  'number =': (e) => e.starts.equals(0),
  'number <>': (e) => e.serial.notEquals(9_007_199_254_740_992),
  'number < across units': (e) => e.temperature.remainder(9).lessThan(e.starts),
  'number <=': (e) => e.serial.atMost(-1),
  'number >': (e) => e.vibration.greaterThan(2 ** -20),
  'number >=': (e) => e.serial.atLeast(e.starts),
  'number in': (e) => e.starts.isOneOf([0, 1, -1, 1000]),
  'decimal in': (e) => e.temperature.isOneOf([0.001, -90, 400]),
  'text = with NUL and quotes': (e) => e.note.equals("o'\0'clock"),
  'text = NUL': (e) => e.sensorId.equals('\0'),
  'text <>': (e) => e.note.notEquals(''),
  'text < by code point': (e) => e.sensorId.lessThan('\u{10000}'),
  'text <= above the surrogates': (e) => e.note.atMost('\uffff'),
  'text > of fields': (e) => e.sensorId.greaterThan(e.note),
  'text >=': (e) => e.sensorId.atLeast('aa'),
  'text in': (e) => e.note.isOneOf(['a', '\0', '\uffff', '\u00e9']),
  'enumeration in': (e) => e.state.isOneOf(['on', 'fault']),
  'enumeration =': (e) => e.state.equals('off'),
  startsWith: (e) => e.note.startsWith('a'),
  'startsWith NUL': (e) => e.sensorId.startsWith('\0'),
  endsWith: (e) => e.note.endsWith('\u0301'),
  contains: (e) => e.sensorId.contains('\u{10000}'),
  'contains a percent sign': (e) => e.sensorId.contains('%'),
  'instant <': (e) => e.at.lessThan('1970-01-01T00:00:00.001Z'),
  'instant in': (e) => e.at.isOneOf(['2023-11-14T22:13:20Z', 0]),
  'date >=': (e) => e.installed.atLeast('1970-01-01'),
  'boolean =': (e) => e.tested.equals(true),
  'boolean <> boolean': (e) => e.tested.notEquals(e.starts.greaterThan(0)),
  not: (e) => e.tested.not(),
  'and with nulls': (e) => e.tested.and(e.starts.greaterThan(0), e.note.isNotNull()),
  'or with nulls': (e) => e.tested.or(e.starts.greaterThan(0), e.note.equals('a')),
  'is distinct from a literal': (e) => e.starts.isDistinctFrom(0),
  'is distinct from, of numbers': (e) => e.starts.isDistinctFrom(e.serial),
  'is distinct from, of texts': (e) => e.note.isDistinctFrom(e.sensorId),
  'is distinct from, of conditions': (e) => e.tested.isDistinctFrom(e.starts.greaterThan(0)),
  'is distinct from, of days': (e) => e.installed.isDistinctFrom('1970-01-01'),
  sign: (e) => e.serial.sign(),
  'sign of a decimal': (e) => e.pressure.sign(),
  greatest: (e) => greatest(e.starts, e.serial, e.starts.negated()),
  'least of what may be null': (e) => least(e.starts, e.starts.plus(1)),
  'digits of a number': (e) => e.serial.toText(),
  'digits of a number that may be null': (e) => e.starts.toText(),
  length: (e) => e.note.length(),
  'length in bytes': (e) => e.note.byteLength(),
  'length of an enumeration': (e) => e.state.length(),
  'place of a letter': (e) => e.sensorId.indexOf('a'),
  'place of an astral character': (e) => e.note.concat('\u{10000}x').indexOf('x'),
  'place of NUL': (e) => e.note.indexOf('\0'),
  'substring from 0': (e) => e.note.substring(0, 2),
  'substring from 1 to the end': (e) => e.sensorId.substring(1),
  'substring behind the end': (e) => e.note.substring(1_000, 3),
  'the last code point': (e) => e.note.last(1),
  'the last of more than there are': (e) => e.sensorId.last(100),
  replace: (e) => e.note.replace('a', '\u{10000}\\$1'),
  'replace by nothing': (e) => e.sensorId.replace('aa', ''),
  'replace NUL': (e) => e.note.replace('\0', "'"),
  lowerAscii: (e) => e.note.concat('ÀAZaz\u0130ß').lowerAscii(),
  upperAscii: (e) => e.note.concat('àAZaz\u0130ß').upperAscii(),
  trim: (e) => e.note.concat('  \u00a0 \t ').trim(),
  'trim of blanks in front': (e) => e.sensorId.replace('a', ' ').trim(),
  concat: (e) => e.note.concat(e.sensorId, '-', e.state),
  matches: (e) => e.note.matches('a*'),
  'matches everything but': (e) => e.sensorId.matches('[^a]*'),
  'matches groups and counts': (e) => e.state.matches('o(n|f{3})|fa?[t-v]lt'),
  'matches astral and NUL': (e) => e.note.matches('[\0\u{10000}\uffff]+'),
  'matches a line feed before the end': (e) => e.note.concat('\n').matches('[a-z]*'),
  'matches nothing but nothing': (e) => e.note.matches(''),
  'year of an instant': (e) => e.at.year(),
  month: (e) => e.installed.month(),
  'day of the month': (e) => e.installed.dayOfMonth(),
  'day of the week': (e) => e.at.dayOfWeek(),
  'ISO week': (e) => e.installed.isoWeek(),
  'ISO week of an instant': (e) => e.at.isoWeek(),
  'hour, minute, second': (e) => e.at.hour().times(10_000).plus(e.at.minute().times(100)).plus(e.at.second()),
  'day of an instant': (e) => e.at.date(),
  'time between instants': (e) => e.at.since(when(e.tested, e.at)),
  'days between': (e) => e.installed.since(e.at.date()),
  'not of or of and': (e) => e.tested.or(e.starts.lessThan(3).and(e.note.lessThan('b'))).not(),
};

/** Reads every field, so that events have a value for each. */
const everything = view('everything', {
  from: readings,
  version: 1,
  window: tumbling('1m'),
  dimensions: (e) => ({ ...e }),
  measures: () => ({ records: count() }),
  levels: { '1s': '2d' },
  serve: [{ key: [] }],
});

const texts = [
  '',
  'a',
  "o'\0'clock",
  '\0',
  '\0x',
  '\uffff',
  '\u{10000}',
  '\u{10000}a',
  'e\u0301',
  '\u00e9',
  '\ufeffa',
  '%',
  ' a ',
];
const random = fc.sample(viewEvents(everything, 80), { numRuns: 40, seed }).flat();
const events = random.map((event, i) => {
  const text = texts[i % texts.length] ?? '';
  const other = texts[(i * 7) % texts.length] ?? '';
  const values = i % 3 === 0 ? { ...event.values, sensorId: text, note: i % 5 === 0 ? null : other } : event.values;
  return { ...event, values, class: 0 as const };
});

function fieldsOf(): Event {
  let fields: Event | null = null;
  view('probe', {
    from: readings,
    version: 1,
    window: tumbling('1m'),
    dimensions: (e) => {
      fields = e;
      return {};
    },
    measures: (e) => ({ last: max(e.at) }),
    levels: { '1s': '2d' },
    serve: [{ key: [] }],
  });
  if (fields === null) throw new TypeError('the declaration was not read');
  return fields;
}

describe(`expressions mean the same in JS and in DuckDB (${events.length} rows, seed ${seed})`, () => {
  let connection: DuckDBConnection;
  let relation: string;
  let columns: Columns;
  const e = fieldsOf();

  beforeAll(async () => {
    ({ connection, relation } = await relationOf(readings, events));
    columns = memoryColumns(readings, events);
  });

  it('on data that has nulls, negatives, wide numbers and hostile texts', () => {
    const serials = events.map((event) => Number(event.values['serial']));
    expect(Math.max(...serials)).toBe(2 ** 53);
    expect(Math.min(...serials)).toBe(-(2 ** 53));
    expect(events.filter((event) => event.values['starts'] === 0).length).toBeGreaterThan(10);
    expect(events.filter((event) => event.values['starts'] === null).length).toBeGreaterThan(10);
    expect(events.filter((event) => event.values['tested'] === null).length).toBeGreaterThan(10);
  });

  it.each(Object.entries(expressions))('%s', async (_, build) => {
    const { expr, faults } = build(e).draft;
    expect(faults).toEqual([]);
    const found = await rowsOf(connection, `SELECT ${sqlOf(expr)} AS "x" FROM ${relation} ORDER BY "offset"`);
    const expected = events.map((_event, row) => jsOf(expr)(columns, row));
    expect(found.map(([value]) => (typeof value === 'bigint' ? Number(value) : value))).toEqual(expected);
    expect(expected.some((value) => value !== expected[0])).toBe(true);
    expect(expected.some((value) => Object.is(value, -0))).toBe(false);
  });

  it.each(Object.entries(expressions))('within the range inferred: %s', (_, build) => {
    const { expr } = build(e).draft;
    if (expr.type.kind !== 'number') return;
    const { min, max: most } = expr.type;
    const values = events
      .map((_event, row) => compileNumber(expr, readings)(columns, row))
      .filter((v) => !Number.isNaN(v));
    expect(values.every((value) => Number.isInteger(value) && value >= min && value <= most)).toBe(true);
    if (!expr.type.nullable) expect(values.length).toBe(events.length);
  });

  it('as a filter, which takes only what is true', async () => {
    for (const [name, build] of Object.entries(expressions)) {
      const expression = build(e);
      if (!(expression instanceof BooleanExpression)) continue;
      const { expr } = expression.draft;
      const found = await rowsOf(
        connection,
        `SELECT "offset" FROM ${relation} WHERE ${sqlCondition(expr, duckdbSql)} ORDER BY 1`,
      );
      const test = compileCondition(expr, readings);
      const expected = events.flatMap((_event, row) => (test(columns, row) ? [BigInt(row)] : []));
      expect([name, ...found.map(([offset]) => offset)]).toEqual([name, ...expected]);
    }
  });

  function sqlOf(expr: AnyExpression['draft']['expr']): string {
    return expr.type.kind === 'text' ? sqlTextOf(expr, duckdbSql) : sqlNumber(expr, duckdbSql);
  }

  function jsOf(expr: AnyExpression['draft']['expr']): (from: Columns, row: number) => number | string | null {
    if (expr.type.kind === 'text') {
      const text = compileText(expr, readings);
      return (from, row) => hexOf(text(from, row));
    }
    const number = compileNumber(expr, readings);
    return (from, row) => {
      const value = number(from, row);
      return Number.isNaN(value) ? null : value;
    };
  }
});
