import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  avg,
  count,
  distinct,
  max,
  min,
  quantile,
  sliding,
  stddev,
  sum,
  tumbling,
  view,
  when,
  type RowOf,
} from '@twofold/views';
import { readings } from './sensor-streams.ts';

/** A declaration that is right, to be spoiled in one place at a time. */
const right = {
  from: readings,
  version: 1,
  window: tumbling('1m'),
  levels: { '1s': '2d' },
} as const;

/** The compiler is the test: only some of these are refused at run time as well. */
function compiled(declare: () => unknown): void {
  try {
    declare();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
  }
}

describe('a wrong definition does not compile', () => {
  it('sums no text, no condition and no time', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: () => ({}),
        measures: (e) => ({
          // @ts-expect-error a text has no sum
          a: sum(e.sensorId),
          // @ts-expect-error an enumeration is a text
          b: avg(e.state),
          // @ts-expect-error a boolean is no number
          c: sum(e.tested),
          // @ts-expect-error an instant has no sum
          d: stddev(e.at),
          // @ts-expect-error booleans have no order
          f: max(e.tested),
          // @ts-expect-error a sum needs an expression
          g: sum(),
          // @ts-expect-error counting a condition counts where it is known: say when(…, 1)
          h: count(e.tested),
          // @ts-expect-error a condition has two values: say when(…, 1)
          i: distinct(e.tested),
          // @ts-expect-error there is no such precision
          j: distinct(e.note, { precision: 12.5 }),
          // @ts-expect-error the precision is an option by name
          k: distinct(e.note, 12),
          // @ts-expect-error distinct of nothing
          l: distinct(),
          // @ts-expect-error a field of the event, not its name
          m: distinct('note'),
        }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('knows the fields of its stream', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        where: (e) => {
          // @ts-expect-error there is no such field
          void e.humidity;
          return e.temperature.isNotNull();
        },
        dimensions: (e) => {
          // @ts-expect-error there is no such field
          void e.temperatur;
          return {};
        },
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('compares like with like', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        // @ts-expect-error a value outside the enumeration
        where: (e) => e.state.equals('of'),
        dimensions: (e) => {
          // @ts-expect-error a text has no product
          void e.note.times;
          // @ts-expect-error a condition has no sum
          void e.tested.plus;
          // @ts-expect-error event expressions divide in whole numbers: quotient
          void e.temperature.dividedBy;
          return {};
        },
        measures: (e) => ({ readings: count(e.sensorId) }),
        serve: [{ key: [] }],
      }),
    );
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: (e) => ({
          // @ts-expect-error a value outside the enumeration
          a: e.state.isOneOf(['on', 'broken']),
          // @ts-expect-error a number is no text
          b: e.sensorId.equals(5),
          // @ts-expect-error a text is no number
          c: e.temperature.greaterThan('20'),
          // @ts-expect-error a number and a text field
          d: e.temperature.equals(e.sensorId),
          // @ts-expect-error a date and an instant
          f: e.at.lessThan(e.installed),
          // @ts-expect-error a condition, not a number
          i: when(e.temperature, 1, 0),
          // @ts-expect-error both answers are of one kind
          j: when(e.tested, e.temperature, e.note),
        }),
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('filters by a condition, not by a number', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        // @ts-expect-error a number is no condition
        where: (e) => e.temperature,
        dimensions: () => ({}),
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('serves by dimensions only', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: (e) => ({ sensor: e.sensorId }),
        measures: () => ({ readings: count() }),
        // @ts-expect-error 'readings' is a measure
        serve: [{ key: ['readings'] }],
      }),
    );
  });

  it('takes measures for measures', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: () => ({}),
        // @ts-expect-error a field is no measure
        measures: (e) => ({ temperature: e.temperature }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('derives from declared measures that are numbers', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: () => ({}),
        measures: (e) => ({ readings: count(), firstNote: min(e.note), latest: max(e.at) }),
        derived: (m) => {
          // @ts-expect-error no such measure
          void m.worst;
          // @ts-expect-error a text is no number
          void m.firstNote;
          // @ts-expect-error an instant is no number
          void m.latest;
          return {
            // @ts-expect-error a condition is no number
            c: m.readings.plus(m.readings.greaterThan(3)),
          };
        },
        serve: [{ key: [] }],
      }),
    );
  });

  it('writes durations with a unit', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        // @ts-expect-error no unit
        window: sliding('60', { every: '1s' }),
        // @ts-expect-error no unit
        levels: { '1': '2d' },
        // @ts-expect-error not a length of time
        freshness: { warnAfter: 'soon', errorAfter: '30s' },
        dimensions: () => ({}),
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
    // @ts-expect-error a sliding window says how often
    compiled(() => sliding('1m'));
    compiled(() =>
      view('wrong', {
        ...right,
        // @ts-expect-error a level is kept for a length of time, or for ever
        levels: { '1s': 'always' },
        dimensions: () => ({}),
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
  });
});

describe('a row has a type', () => {
  const declared = view('typed', {
    ...right,
    dimensions: (e) => ({
      sensor: e.sensorId,
      state: e.state,
      note: e.note,
      tested: e.tested,
      day: e.installed,
      warmth: e.temperature.modulo(10),
    }),
    measures: (e) => ({
      readings: count(),
      temperature: avg(e.temperature),
      pressure: avg(e.pressure),
      spread: stddev(e.vibration),
      firstNote: min(e.note),
      worst: max(e.state),
      latest: max(e.at),
      hot: sum(when(e.temperature.greaterThan(100), 1, 0)),
      power: sum(when(e.tested, e.temperature)),
      notes: distinct(e.note),
      usual: quantile(e.temperature, 0.5),
      usualStarts: quantile(e.starts, 0.5),
      serials: sum(e.serial),
      shakes: sum(e.vibration.plus(e.serial.modulo(2))),
      coldest: min(e.temperature),
      least: min(e.starts),
      scaled: max(e.starts.times(0.5)),
      whole: max(e.temperature.quotient(10)),
    }),
    derived: (m) => ({
      perNote: m.readings.dividedBy(m.notes),
      skew: m.usual.dividedBy(m.temperature),
      crest: m.temperature.dividedBy(m.spread),
      alarm: m.hot.greaterThan(3),
    }),
    serve: [{ key: ['sensor'] }, { key: ['state', 'sensor'] }],
  });
  type Row = RowOf<typeof declared>;

  it('of the kinds of its fields, null only where it may be', () => {
    expectTypeOf<Row['windowStart']>().toEqualTypeOf<number>();
    expectTypeOf<Row['sensor']>().toEqualTypeOf<string>();
    expectTypeOf<Row['state']>().toEqualTypeOf<'on' | 'off' | 'fault'>();
    expectTypeOf<Row['note']>().toEqualTypeOf<string | null>();
    expectTypeOf<Row['tested']>().toEqualTypeOf<boolean | null>();
    expectTypeOf<Row['day']>().toEqualTypeOf<string | null>();
    expectTypeOf<Row['warmth']>().toEqualTypeOf<string>();
    expectTypeOf<Row['readings']>().toEqualTypeOf<number>();
    expectTypeOf<Row['temperature']>().toEqualTypeOf<number>();
    expectTypeOf<Row['pressure']>().toEqualTypeOf<number | null>();
    expectTypeOf<Row['spread']>().toEqualTypeOf<number | null>();
    expectTypeOf<Row['firstNote']>().toEqualTypeOf<string | null>();
    expectTypeOf<Row['worst']>().toEqualTypeOf<'on' | 'off' | 'fault'>();
    expectTypeOf<Row['latest']>().toEqualTypeOf<string>();
    expectTypeOf<Row['hot']>().toEqualTypeOf<number | bigint | string>();
    expectTypeOf<Row['power']>().toEqualTypeOf<string | null>();
    expectTypeOf<Row['notes']>().toEqualTypeOf<number>();
    expectTypeOf<Row['usual']>().toEqualTypeOf<number>();
    expectTypeOf<Row['usualStarts']>().toEqualTypeOf<number | null>();
    expectTypeOf<Row['serials']>().toEqualTypeOf<number | bigint>();
    expectTypeOf<Row['shakes']>().toEqualTypeOf<number>();
    expectTypeOf<Row['coldest']>().toEqualTypeOf<string>();
    expectTypeOf<Row['least']>().toEqualTypeOf<number | null>();
    expectTypeOf<Row['scaled']>().toEqualTypeOf<number | string | null>();
    expectTypeOf<Row['whole']>().toEqualTypeOf<number>();
    expectTypeOf<Row['crest']>().toEqualTypeOf<number | null>();
    expectTypeOf<Row['alarm']>().toEqualTypeOf<boolean | null>();
    expect(declared.measures.map((measure) => measure.name)).toContain('power');
  });

  it('that knows no other column', () => {
    // @ts-expect-error no such column
    expectTypeOf<Row['humidity']>().toBeAny();
    expect(declared.derived.map((derived) => derived.name)).toEqual(['perNote', 'skew', 'crest', 'alarm']);
  });
});
