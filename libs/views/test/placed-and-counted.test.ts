import {
  compareCodePoints,
  count,
  countBy,
  createAccumulator,
  createFold,
  encodeChunk,
  first,
  foldSql,
  histogram,
  last,
  presentWindows,
  ratio,
  session,
  tumbling,
  view,
  type AnswerValue,
  type CountedValues,
  type PartialColumns,
  type RowOf,
  type SqlColumn,
  type View,
} from '@twofold/views';
import { measureLaws, memoryColumns, viewEvents, type MemoryEvent } from '@twofold/views/testing';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { relationOf, rowsOf } from './duckdb-relation.ts';
import { readings } from './sensor-streams.ts';

const common = {
  from: readings,
  version: 1,
  dimensions: () => ({}),
  window: tumbling('1m'),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }],
} as const;

const placed = view('placed', {
  ...common,
  measures: (e) => ({
    firstNote: first(e.note),
    lastNote: last(e.note.orElse('none')),
    firstSerial: first(e.serial),
    lastStarts: last(e.starts),
    tested: last(e.tested),
  }),
});
const counted = view('counted', {
  ...common,
  measures: (e) => ({
    spread: histogram(e.starts, [-3, 0, 1, 500]),
    pressures: histogram(e.pressure, [0.5, 100]),
    notes: countBy(e.note, { atMost: 3 }),
    states: countBy(e.state),
    starts: countBy(e.starts, { atMost: 2 }),
    tested: countBy(e.tested),
  }),
});
const shares = view('shares', {
  ...common,
  measures: (e) => ({ share: ratio(e.temperature, e.pressure), shakes: ratio(e.vibration, e.starts), events: count() }),
});
const sessions = view('sessions', {
  ...common,
  window: session('1s'),
  measures: (e) => ({ opened: first(e.state), closed: last(e.serial), notes: countBy(e.note, { atMost: 2 }) }),
});

for (const each of [placed, counted, shares, sessions]) measureLaws(each.name, each);

/** What a program of a few lines makes of the events of one window; `at` is the place in the list. */
type Naive = (events: readonly (MemoryEvent & { readonly at: number })[]) => AnswerValue;

const valued = (events: Parameters<Naive>[0], field: string): [MemoryEvent & { at: number }, string | number][] =>
  events.flatMap((event) => {
    const value = event.values[field] ?? null;
    return value === null ? [] : [[event, value]];
  });

const byPlace = (events: Parameters<Naive>[0], field: string): (string | number)[] =>
  valued(events, field)
    .sort(([a], [b]) => a.time - b.time || a.at - b.at)
    .map(([, value]) => value);

function naiveCounts(values: readonly (string | number)[], atMost: number): AnswerValue {
  const times = new Map<string | number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  if (times.size > atMost) return { total: values.length, values: null };
  const sorted = [...times].sort(([a, x], [b, y]) => y - x || compareCodePoints(String(a), String(b)));
  return { total: values.length, values: sorted.map(([value, many]) => ({ value, count: many })) };
}

const naiveValues: Readonly<Record<string, Naive>> = {
  firstNote: (events) => byPlace(events, 'note')[0] ?? null,
  firstSerial: (events) => byPlace(events, 'serial')[0] ?? null,
  lastStarts: (events) => byPlace(events, 'starts').at(-1) ?? null,
  spread: (events) => {
    const values = valued(events, 'starts').map(([, value]) => Number(value));
    const edges = [-Infinity, -3, 0, 1, 500, Infinity];
    return edges.slice(1).map((edge, i) => values.filter((value) => value >= (edges[i] ?? 0) && value < edge).length);
  },
  notes: (events) =>
    naiveCounts(
      valued(events, 'note').map(([, value]) => value),
      3,
    ),
  starts: (events) =>
    naiveCounts(
      valued(events, 'starts').map(([, value]) => value),
      2,
    ),
};

function answered(of: View, events: readonly MemoryEvent[]) {
  const fold = createFold(of);
  fold.apply(memoryColumns(of.stream, events), 0, events.length);
  const accumulator = createAccumulator(of, { widthMs: 60_000 });
  for (const { bytes } of fold.takeDirty()) accumulator.addChunk(bytes);
  return presentWindows(of, accumulator, { from: -Infinity, to: Infinity });
}

describe('measures by place and by value', { timeout: 60_000 }, () => {
  it.each([placed, counted])('answer what a plain program says: $name', (of) => {
    fc.assert(
      fc.property(viewEvents(of, 30), (events) => {
        const { measures, windowStarts } = answered(of, events);
        const applied = events.map((event, at) => ({ ...event, at })).filter((event) => (event.class ?? 0) === 0);
        windowStarts.forEach((start, row) => {
          const inside = applied.filter(({ time }) => time >= start && time < start + 60_000);
          for (const [name, values] of Object.entries(measures)) {
            const naive = naiveValues[name];
            if (naive !== undefined) expect([name, values[row]]).toEqual([name, naive(inside)]);
          }
        });
      }),
    );
  });

  it('say that there were too many values, and how many events had one', () => {
    const events = ['a', 'b', 'a', null, 'c', 'd'].map((note, time): MemoryEvent => ({
      time,
      values: { ...base, note },
    }));
    const few = answered(counted, events.slice(0, 5)).measures['notes'];
    expect(few).toEqual([
      {
        total: 4,
        values: [
          { value: 'a', count: 2 },
          { value: 'b', count: 1 },
          { value: 'c', count: 1 },
        ],
      },
    ]);
    expect(answered(counted, events).measures['notes']).toEqual([{ total: 5, values: null }]);
  });

  it('have the forms of their fields: decimals as text, conditions as booleans, no value as null', () => {
    const priced = view('priced', {
      ...common,
      measures: (e) => ({ by: countBy(e.pressure), seen: first(e.pressure) }),
    });
    const values = { ...base, pressure: 1_234, tested: 1 };
    expect(answered(priced, [{ time: 0, values }]).measures).toEqual({
      by: [{ total: 1, values: [{ value: '123.4', count: 1 }] }],
      seen: ['123.4'],
    });
    expect(answered(placed, [{ time: 0, values }]).measures['tested']).toEqual([true]);
    expect(answered(placed, [{ time: 0, values: base }]).measures['tested']).toEqual([null]);
    expectTypeOf<RowOf<typeof counted>['spread']>().toEqualTypeOf<readonly number[]>();
    expectTypeOf<RowOf<typeof counted>['states']>().toEqualTypeOf<CountedValues<'on' | 'off' | 'fault'>>();
    expectTypeOf<RowOf<typeof counted>['starts']>().toEqualTypeOf<CountedValues<number>>();
    expectTypeOf<RowOf<typeof placed>['firstSerial']>().toEqualTypeOf<number>();
    expectTypeOf<RowOf<typeof placed>['tested']>().toEqualTypeOf<boolean | null>();
  });

  it('divide exact sums once, and by 0 not at all', () => {
    const events = [1_500, 3_000].map((pressure, time): MemoryEvent => ({
      time,
      values: { ...base, temperature: 1_000, pressure, vibration: 2 ** 19, starts: time },
    }));
    // 2.000 °C by 450.0 kPa; 1 mm/s by 1.
    expect(answered(shares, events).measures).toMatchObject({ share: [2 / 450], shakes: [1] });
    expect(answered(shares, events.slice(0, 1)).measures).toMatchObject({ share: [1 / 150], shakes: [null] });
  });
});

const base = { sensorId: 'a', at: 0, temperature: 0, vibration: 0, serial: 1, state: 'on' } as const;

it.each([placed, counted, shares, sessions])(
  'give in SQL the very partials that the fold over columns gives: $name',
  { timeout: 120_000 },
  async (of) => {
    const property = fc.asyncProperty(viewEvents(of, 30), async (events) => {
      const perPartition = 7;
      const { connection, relation } = await relationOf(readings, events, perPartition);
      const { sql, columns } = foldSql(of, { relation, widthMs: 60_000, panes: null, sliceSize: null });
      const found = columnsOf(of, columns, await rowsOf(connection, sql));
      connection.closeSync();
      const expected = createAccumulator(of, { widthMs: 60_000 });
      for (let partition = 0; partition * perPartition < events.length; partition++) {
        const some = events.slice(partition * perPartition, (partition + 1) * perPartition);
        const fold = createFold(of);
        fold.apply({ ...memoryColumns(readings, some), partition }, 0, some.length);
        for (const { bytes } of fold.takeDirty()) expected.addChunk(bytes);
      }
      expect(encodeChunk(of, found, 60_000).bytes).toEqual(expected.toChunk().bytes);
    });
    await fc.assert(property, { numRuns: 25 });
  },
);

/** Rows of a statement as partials. */
function columnsOf(of: View, columns: readonly SqlColumn[], rows: readonly (readonly unknown[])[]): PartialColumns {
  const numbers = (at: number): Float64Array => Float64Array.from(rows, (row) => Number(row[at] ?? 0));
  const pane = columns.findIndex(({ role }) => role === 'pane');
  return {
    count: rows.length,
    dimensions: [],
    panes: numbers(pane),
    partitions: null,
    slices: null,
    components: columns.flatMap((column, at): PartialColumns['components'][number][] => {
      if (column.role !== 'component') return [];
      if (column.holds === 'sum') {
        const sums = rows.map((row) => BigInt(row[at] as bigint | number));
        return [
          {
            kind: 'sum',
            low: BigUint64Array.from(sums, (sum) => BigInt.asUintN(64, sum)),
            high: BigInt64Array.from(sums, (sum) => sum >> 64n),
          },
        ];
      }
      if (column.holds === 'text') {
        const texts = rows.map((row) => {
          const hex = row[at];
          return typeof hex === 'string' ? Buffer.from(hex, 'hex').toString('utf8') : null;
        });
        return [{ kind: 'text', texts }];
      }
      const valid = Uint8Array.from(rows, (row) => (row[at] === null ? 0 : 1));
      const { kind } = of.components[column.index] ?? { kind: 'rows' };
      const isCount = kind === 'rows' || kind === 'count';
      return [isCount ? { kind: 'count', values: numbers(at) } : { kind: 'number', values: numbers(at), valid }];
    }),
  };
}
