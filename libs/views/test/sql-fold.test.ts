import { instant, int, RecordClass, stream, text } from '@twofold/schemas';
import {
  avg,
  compileCondition,
  compileNumber,
  compileText,
  count,
  distinct,
  foldSql,
  max,
  min,
  quantile,
  stddev,
  sum,
  tumbling,
  variance,
  view,
  when,
  type Component,
  type FoldSqlOptions,
  type View,
  ViewError,
} from '@twofold/views';
import { memoryColumns, naiveBins, naiveDistinct, viewEvents, type MemoryEvent } from '@twofold/views/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floored } from '../src/sql-fold.ts';
import { hexOf, relationOf, rowsOf } from './duckdb-relation.ts';
import { readings } from './sensor-streams.ts';

const common = {
  from: readings,
  version: 1,
  window: tumbling('1m'),
  levels: { '1s': '2d', '1m': '30d' },
  serve: [{ key: [] }],
} as const;

const views = {
  everyMeasure: view('everyMeasure', {
    ...common,
    where: (e) => e.temperature.greaterThan(-50).or(e.tested),
    dimensions: (e) => ({
      sensor: e.sensorId,
      note: e.note,
      tested: e.tested,
      phase: e.starts.modulo(3),
      hot: e.temperature.greaterThan(20),
    }),
    measures: (e) => ({
      records: count(),
      starts: count(e.starts),
      total: sum(e.serial),
      cold: avg(when(e.temperature.lessThan(0), e.temperature)),
      spread: stddev(e.temperature),
      shake: variance(e.vibration),
      least: min(e.serial),
      last: max(e.at),
      firstNote: min(e.note),
      lastNote: max(e.sensorId.orElse('')),
      firstDay: min(e.installed),
      lastState: max(e.state),
      notes: distinct(e.note, { precision: 4 }),
      serials: distinct(e.serial, { precision: 5 }),
      phases: distinct(e.starts.modulo(4), { precision: 4 }),
      usualSerial: quantile(e.serial, 0.5),
      lowStarts: quantile(e.starts.minus(e.starts.orElse(3)), 0.1, { error: 0.1 }),
      warmth: quantile(e.temperature, 0.99, { error: 0.001 }),
    }),
  }),
  noKey: view('noKey', {
    ...common,
    dimensions: () => ({}),
    measures: (e) => ({ pressure: sum(e.pressure), square: variance(e.starts), note: max(e.note) }),
  }),
};

type Expected = Map<string, readonly unknown[]>;

/** The fold in the plainest form: BigInt, a list of values a component, nothing clever. */
function naiveFold(of: View, events: readonly MemoryEvent[], perPartition: number, options: FoldSqlOptions): Expected {
  const columns = memoryColumns(readings, events);
  const groups = new Map<string, number[]>();
  events.forEach((event, row) => {
    if (event.class !== undefined && event.class !== RecordClass.applied) return;
    if (of.where !== null && !compileCondition(of.where, readings)(columns, row)) return;
    const pane = floorTo(event.time, options.widthMs);
    if (options.panes !== null && (pane < options.panes.from || pane >= options.panes.to)) return;
    const key = of.dimensions.map(({ expr }) =>
      expr.type.kind === 'text'
        ? hexOf(compileText(expr, readings)(columns, row))
        : nullOfNaN(compileNumber(expr, readings)(columns, row)),
    );
    const place =
      options.sliceSize === null
        ? []
        : [Math.floor(row / perPartition), floorTo(row % perPartition, options.sliceSize)];
    const group = JSON.stringify([...key, pane, ...place]);
    groups.set(group, [...(groups.get(group) ?? []), row]);
  });
  const fold = (rows: readonly number[]): unknown[] =>
    of.components.map((component) => naiveComponent(component, rows, columns));
  return new Map([...groups].map(([group, rows]) => [group, fold(rows)]));
}

function naiveComponent(
  component: Component,
  rows: readonly number[],
  columns: ReturnType<typeof memoryColumns>,
): unknown {
  if (component.kind === 'rows') return rows.length;
  if (component.kind === 'lastTime') return Math.max(...rows.map((row) => columns.eventTimes[row] ?? NaN));
  if (component.kind === 'reducer') throw new TypeError('a reducer has no SQL');
  if (component.of.type.kind === 'text') {
    const text = compileText(component.of, readings);
    const hexes = rows.flatMap((row) => hexOf(text(columns, row)) ?? []).sort();
    if (component.kind === 'count') return hexes.length;
    if (component.kind === 'distinct') {
      const texts = rows.flatMap((row) => text(columns, row) ?? []);
      return hexOf(naiveDistinct(texts, component.precision));
    }
    return (component.kind === 'min' ? hexes[0] : hexes.at(-1)) ?? null;
  }
  const number = compileNumber(component.of, readings);
  const values = rows.map((row) => number(columns, row)).filter((value) => !Number.isNaN(value));
  switch (component.kind) {
    case 'count':
      return values.length;
    case 'sum':
      return values.reduce((total, value) => total + BigInt(value), 0n);
    case 'sumSquares':
      return values.reduce((total, value) => total + BigInt(value) ** 2n, 0n);
    case 'distinct':
      return hexOf(naiveDistinct(values, component.precision));
    case 'bins':
      return hexOf(naiveBins(values, component.bits));
    case 'min':
      return values.length === 0 ? null : Math.min(...values);
    case 'max':
      return values.length === 0 ? null : Math.max(...values);
    default:
      throw new TypeError(`${component.kind} has a test of its own`);
  }
}

function floorTo(value: number, width: number): number {
  return Math.floor(value / width) * width;
}

function nullOfNaN(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

async function sqlFold(
  of: View,
  events: readonly MemoryEvent[],
  perPartition: number,
  options: Omit<FoldSqlOptions, 'relation'>,
): Promise<Expected> {
  const { connection, relation } = await relationOf(readings, events, perPartition);
  const { sql, columns } = foldSql(of, { ...options, relation });
  const rows = await rowsOf(connection, sql);
  connection.closeSync();
  const first = columns.findIndex(({ role }) => role === 'component');
  const found = rows.map((row): [string, unknown[]] => [JSON.stringify(row.slice(0, first)), row.slice(first)]);
  expect(new Set(found.map(([group]) => group)).size).toBe(rows.length);
  return new Map(found);
}

const widths = fc.constantFrom(1_000, 60_000, 7_000);
const paneRanges = fc.option(
  fc
    .tuple(fc.integer({ min: -10_000, max: 10_000 }), fc.integer({ min: 0, max: 20_000 }))
    .map(([from, length]) => ({ from, to: from + length })),
);

describe('the fold in SQL is the fold of BigInts', () => {
  it.each(Object.values(views))('for $name', { timeout: 120_000 }, async (of) => {
    const property = fc.asyncProperty(
      viewEvents(of, 60),
      widths,
      paneRanges,
      fc.option(fc.constantFrom(1, 4, 16)),
      async (events, widthMs, panes, sliceSize) => {
        const options = { widthMs, panes, sliceSize };
        const found = await sqlFold(of, events, 20, options);
        expect(sorted(found)).toEqual(sorted(naiveFold(of, events, 20, { ...options, relation: '' })));
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  it('on sums at the ends of 64 bits and below zero', async () => {
    for (const value of [2 ** 53, -(2 ** 53), -1]) {
      const values = { sensorId: 'a', at: -1, temperature: 0, vibration: 0, serial: value, state: 'on', starts: 1 };
      const { connection, relation } = await relationOf(readings, [{ time: -1, values }]);
      const many = `(SELECT ${relation}.* FROM ${relation}, range(3000))`;
      const { sql, columns } = foldSql(views.everyMeasure, {
        widthMs: 1_000,
        relation: many,
        panes: null,
        sliceSize: null,
      });
      const rows = await rowsOf(connection, sql);
      const at = columns.findIndex(({ holds }) => holds === 'sum');
      expect(rows.map((row) => row[at])).toEqual([BigInt(value) * 3000n]);
    }
  });

  it('floors the instants at the ends of their range as those in the middle', async () => {
    const { connection } = await relationOf(readings, []);
    for (const width of [1_000, 7_000, 86_400_000, 2 ** 52])
      for (const time of [-(2 ** 53), -width - 1, -width, -1, 0, width - 1, width, 2 ** 53]) {
        const sql = `SELECT ${floored(`CAST(${time} AS BIGINT)`, width)}`;
        const [row] = (await connection.runAndReadAll(sql)).getRows();
        expect(row).toEqual([BigInt(time) - (((BigInt(time) % BigInt(width)) + BigInt(width)) % BigInt(width))]);
      }
  });

  it('squares in 64 bits what its range lets it, and the rest in 128', async () => {
    const square = (of: View): string =>
      /sum\((\S+ \* \S+|CAST.* \* CAST.*?\))\)/.exec(
        foldSql(of, { widthMs: 60_000, relation: 'log', panes: null, sliceSize: null }).sql,
      )?.[1] ?? '';
    const of = (bound: number): View => {
      const from = stream('bounded', {
        fields: { id: text().maxLength(8), at: instant('ms'), value: int().between(-bound, bound) },
        id: ['id'],
        eventTime: 'at',
        partitionKey: 'id',
      });
      return view('bounded', {
        from,
        version: 1,
        dimensions: () => ({}),
        window: tumbling('1m'),
        measures: (e) => ({ spread: variance(e.value) }),
        levels: { '1m': 'forever' },
        serve: [{ key: [] }],
      });
    };
    expect(square(of(3_037_000_499))).not.toContain('HUGEINT');
    expect(square(of(3_037_000_500))).toContain('HUGEINT');
    for (const bound of [3_037_000_499, 3_037_000_500]) {
      const bounded = of(bound);
      const event = { time: 0, values: { id: 'a', at: 0, value: -bound } };
      const { connection, relation } = await relationOf(bounded.stream, [event, event, event]);
      const fold = foldSql(bounded, { widthMs: 60_000, relation, panes: null, sliceSize: null });
      const [row] = await rowsOf(connection, fold.sql);
      expect(row?.at(-1)).toEqual(3n * BigInt(bound) ** 2n);
    }
  });

  it('says what each column is, in the order of the result', () => {
    const { columns } = foldSql(views.noKey, { widthMs: 60_000, relation: '"log"', panes: null, sliceSize: 4 });
    expect(columns.map(({ role, index, type }) => `${role} ${index} ${type}`)).toEqual([
      'pane 0 DOUBLE',
      'partition 0 DOUBLE',
      'slice 0 DOUBLE',
      'component 0 DOUBLE',
      'component 1 HUGEINT',
      'component 2 DOUBLE',
      'component 3 DOUBLE',
      'component 4 HUGEINT',
      'component 5 HUGEINT',
      'component 6 VARCHAR',
    ]);
  });

  it('has the types it says', async () => {
    const { connection, relation } = await relationOf(readings, []);
    const { columns, sql } = foldSql(views.everyMeasure, { widthMs: 1_000, relation, panes: null, sliceSize: 16 });
    const described = (await connection.runAndReadAll(`DESCRIBE ${sql}`)).getRows();
    expect(described.map(([name, type]) => ({ name, type }))).toEqual(
      columns.map(({ name, type }) => ({ name, type })),
    );
    expect(await rowsOf(connection, sql)).toEqual([]);
  });

  it('refuses panes that the finest level does not make up', () => {
    const fold = (widthMs: number) => () =>
      foldSql(views.noKey, { widthMs, relation: 'log', panes: null, sliceSize: null });
    expect(fold(1_500)).toThrow(ViewError);
    expect(fold(0)).toThrow(ViewError);
    expect(fold(3_600_000)).not.toThrow();
  });
});

function sorted(fold: Expected): [string, readonly unknown[]][] {
  return [...fold].sort(([a], [b]) => (a < b ? -1 : 1));
}
