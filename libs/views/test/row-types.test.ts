import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  avg,
  count,
  distinct,
  max,
  min,
  quantile,
  stddev,
  sum,
  tumbling,
  view,
  when,
  type RowOf,
} from '@twofold/views';
import { readings } from './sensor-streams.ts';

/** What all of it has in common. */
const right = {
  from: readings,
  version: 1,
  window: tumbling('1m'),
  levels: { '1s': '2d' },
} as const;

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
