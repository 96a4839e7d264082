import { float, instant, int, stream, text } from '@twofold/schemas';
import {
  count,
  distinct,
  max,
  min,
  quantile,
  sliding,
  stddev,
  sum,
  variance,
  view,
  ViewError,
  when,
  type ViewProblem,
} from '@twofold/views';
import { describe, expect, it } from 'vitest';
import { readings } from './sensor-streams.ts';

const right = {
  from: readings,
  version: 1,
  window: sliding('1m', { every: '1s' }),
  levels: { '1s': '2d', '1m': '30d', '1h': 'forever' },
  serve: [{ key: [] }],
} as const;
const plain = { ...right, dimensions: () => ({}), measures: () => ({ records: count() }) } as const;

/** `CODE at path` of every problem that a declaration has. */
function problemsOf(declare: () => unknown): string[] {
  return listOf(declare).map(({ code, path }) => `${code} at ${path}`);
}

function listOf(declare: () => unknown): readonly ViewProblem[] {
  try {
    declare();
  } catch (error) {
    if (!(error instanceof ViewError)) throw error;
    expect(error.code).toBe('INVALID_VIEW');
    const problems = error.facts['problems'] as readonly ViewProblem[];
    for (const { path, message } of problems) expect(error.message).toContain(`${path}: ${message}`);
    return problems;
  }
  return [];
}

describe('a view is refused with every fault at once', () => {
  it('in names', () => {
    const problems = problemsOf(() =>
      view('Sensor-Minute', {
        ...right,
        dimensions: (e) => ({ sensor_id: e.sensorId, orderBy: e.state, Windowstart: e.note, worst: e.tested }),
        measures: (e) => ({ windowStart: count(), constructor: max(e.starts), worst: max(e.starts) }),
        derived: (m) => ({ WORST: m.worst.plus(1) }),
      }),
    );
    expect(problems).toEqual([
      'NAME_INVALID at name',
      'NAME_INVALID at dimensions.sensor_id',
      'NAME_RESERVED at dimensions.orderBy',
      'NAME_INVALID at dimensions.Windowstart',
      'NAME_RESERVED at measures.windowStart',
      'NAME_CLASHES at measures.windowStart',
      'NAME_RESERVED at measures.constructor',
      'NAME_CLASHES at measures.worst',
      'NAME_INVALID at derived.WORST',
      'NAME_CLASHES at derived.WORST',
    ]);
  });

  it('in windows and levels, and says which pane would do', () => {
    const levels = { '7s': '2d', '10s': '1d', '1m': 'forever', '90s': '1d' } as const;
    const problems = listOf(() => view('wrong', { ...plain, window: sliding('1m', { every: '15s' }), levels }));
    expect(problems.map(({ code, path }) => `${code} at ${path}`)).toEqual([
      'LEVEL_DOES_NOT_DIVIDE at levels.7s',
      'LEVEL_DOES_NOT_DIVIDE at levels.7s',
      'LEVELS_DO_NOT_NEST at levels.10s',
      'RETENTION_INVALID at levels.10s',
      'LEVELS_DO_NOT_NEST at levels.90s',
      'RETENTION_INVALID at levels.90s',
    ]);
    expect(problems[0]?.message).toContain("'15000ms'");
    expect(problemsOf(() => view('wrong', { ...plain, window: sliding('1s', { every: '1m' }) }))).toContain(
      'WINDOW_INVALID at window',
    );
    expect(problemsOf(() => view('wrong', { ...plain, levels: {} }))).toEqual(['LEVEL_INVALID at levels']);
    expect(problemsOf(() => view('wrong', { ...plain, levels: { '1s': '30s' } }))).toEqual([
      'RETENTION_INVALID at levels.1s',
    ]);
    expect(problemsOf(() => view('wrong', { ...plain, levels: { '1s': '2d', '1000ms': '2d' } }))).toEqual([
      'LEVELS_DO_NOT_NEST at levels.1000ms',
    ]);
  });

  it('in durations that the compiler lets through', () => {
    const problems = problemsOf(() =>
      view('wrong', {
        ...plain,
        window: sliding('1.5m', { every: '0s' }),
        levels: { '1e3ms': '2d', '1s': '-1d' },
        freshness: { warnAfter: '2s', errorAfter: '1s' },
      }),
    );
    expect(problems).toEqual([
      'DURATION_INVALID at window.size',
      'DURATION_INVALID at window.every',
      'DURATION_INVALID at levels.1e3ms',
      'DURATION_INVALID at levels.1s',
      'FRESHNESS_INVALID at freshness',
    ]);
  });

  it('in settings', () => {
    const problems = problemsOf(() =>
      view('wrong', {
        ...right,
        version: 0,
        buckets: 1.5,
        batch: { schedule: '' },
        dimensions: (e) => ({ sensor: e.sensorId, state: e.state }),
        measures: () => ({}),
        serve: [{ key: ['sensor', 'sensor'] }, { key: ['sensor', 'state'] }, { key: ['state', 'sensor'] }],
      }),
    );
    expect(problems).toEqual([
      'NO_MEASURE at measures',
      'SERVE_INVALID at serve[0].key',
      'SERVE_INVALID at serve[2].key',
      'NUMBER_INVALID at version',
      'NUMBER_INVALID at buckets',
      'SCHEDULE_INVALID at batch.schedule',
    ]);
    expect(problemsOf(() => view('wrong', { ...plain, serve: [] }))).toEqual(['SERVE_INVALID at serve']);
  });

  it('in literals that its fields can not hold', () => {
    const problems = listOf(() =>
      view('wrong', {
        ...right,
        where: (e) => e.temperature.greaterThan(20.0005).or(e.vibration.lessThan(0.1), e.starts.equals(1.5)),
        dimensions: (e) => ({
          wide: e.serial.equals(2 ** 53 + 2),
          never: e.temperature.equals(NaN),
          half: e.sensorId.equals('\ud800'),
          noText: e.note.startsWith(''),
          none: e.starts.isOneOf([]),
          day: e.installed.lessThan('2024-02-30'),
          time: e.at.lessThan('2024-02-28'),
          zero: e.starts.modulo(0),
          tiny: e.vibration.times(2 ** -200),
        }),
        measures: () => ({ records: count() }),
      }),
    );
    expect(problems.map(({ code, path }) => `${code} at ${path}`)).toEqual([
      'LITERAL_INEXACT at where',
      'LITERAL_INEXACT at where',
      'LITERAL_INEXACT at where',
      'LITERAL_INEXACT at dimensions.wide',
      'LITERAL_INEXACT at dimensions.never',
      'LITERAL_INVALID at dimensions.half',
      'LITERAL_INVALID at dimensions.noText',
      'LITERAL_INVALID at dimensions.none',
      'LITERAL_INVALID at dimensions.day',
      'LITERAL_INVALID at dimensions.time',
      'LITERAL_INVALID at dimensions.zero',
      'LITERAL_INEXACT at dimensions.tiny',
    ]);
    expect(problems[0]?.message).toBe(
      "20.0005 stands beside 'temperature', but it is no whole number of units of 10^-3; the nearest are 20 and 20.001.",
    );
    expect(problems[1]?.message).toContain('quanta of 2^-20; the nearest are 0.0999994');
  });

  it('in ranges that leave 2^53, squares beyond 2^43 and units without a common one', () => {
    const wide = stream('wide-numbers', {
      fields: {
        id: text(),
        at: instant('ms'),
        any: int(),
        square: int().between(-(2 ** 43), 2 ** 43),
        over: int().between(0, 2 ** 43 + 1),
        fine: float({ quantum: 2 ** -10 }).between(0, 8),
      },
      id: ['id'],
      eventTime: 'at',
    });
    const problems = listOf(() =>
      view('wrong', {
        ...right,
        from: wide,
        dimensions: (e) => ({
          ok: e.any.minus(e.any.remainder(1)),
          one: e.any.plus(1),
          product: e.square.times(e.square),
        }),
        measures: (e) => ({
          good: variance(e.square),
          bad: stddev(e.over),
          chosen: sum(when(e.any.greaterThan(0), 1.25, e.fine)),
          mixed: sum(e.fine.times(0.1)),
          nested: min(e.any.times(2).quotient(2)),
        }),
      }),
    );
    expect(problems.map(({ code, path }) => `${code} at ${path}`)).toEqual([
      'RANGE_TOO_WIDE at dimensions.one',
      'RANGE_TOO_WIDE at dimensions.product',
      'VARIANCE_TOO_WIDE at measures.bad',
      'RANGE_TOO_WIDE at measures.mixed',
      'RANGE_TOO_WIDE at measures.nested',
    ]);
    expect(problems[0]?.message).toContain('Bound its fields with .between(min, max)');
    expect(problemsOf(() => view('wrong', { ...plain, where: (e) => e.temperature.equals(e.vibration) }))).toEqual([
      'UNITS_DIFFER at where',
    ]);
  });

  it('in sketches of a precision that there is not', () => {
    const loose = distinct as (of: unknown, options: unknown) => ReturnType<typeof count>;
    const problems = listOf(() =>
      view('wrong', {
        ...right,
        dimensions: () => ({}),
        measures: (e) => ({
          fine: distinct(e.note, { precision: 16 }),
          few: loose(e.note, { precision: 3 }),
          many: loose(e.note, { precision: 17 }),
          half: loose(e.note, { precision: 12.5 }),
          two: loose(e.tested, {}),
        }),
      }),
    );
    expect(problems.map(({ code, path }) => `${code} at ${path}`)).toEqual([
      'PRECISION_INVALID at measures.few',
      'PRECISION_INVALID at measures.many',
      'PRECISION_INVALID at measures.half',
      'KIND_INVALID at measures.two',
    ]);
    expect(problems[0]?.message).toBe('the precision of distinct is a whole number from 4 to 16, and not 3.');
  });

  it('in quantiles of no part, and of an error that no bins keep', () => {
    const loose = quantile as (of: unknown, part?: unknown, options?: unknown) => ReturnType<typeof count>;
    const problems = listOf(() =>
      view('wrong', {
        ...right,
        dimensions: () => ({}),
        measures: (e) => ({
          least: quantile(e.temperature, 0),
          most: quantile(e.temperature, 1, { error: 2 ** -10 }),
          percent: quantile(e.temperature, 99),
          below: quantile(e.temperature, -0.1),
          long: quantile(e.temperature, 1 / 3),
          exact: quantile(e.temperature, 0.5, { error: 0 }),
          wide: quantile(e.temperature, 0.5, { error: 1 }),
          text: loose(e.note, 0.5),
          none: loose(e.temperature),
        }),
      }),
    );
    expect(problems.map(({ code, path }) => `${code} at ${path}`)).toEqual([
      'QUANTILE_INVALID at measures.percent',
      'QUANTILE_INVALID at measures.below',
      'QUANTILE_INVALID at measures.long',
      'QUANTILE_INVALID at measures.exact',
      'QUANTILE_INVALID at measures.wide',
      'KIND_INVALID at measures.text',
      'QUANTILE_INVALID at measures.none',
    ]);
    expect(problems[0]?.message).toBe('the part of a quantile is a number from 0 to 1, and not 99. Did you mean 0.99?');
  });

  it('where nobody checked types', () => {
    const loose = view as (name: string, declaration: unknown) => unknown;
    const looseSum = sum as (of: unknown) => unknown;
    type Fields = Record<string, { draft: unknown; equals(other: unknown): unknown }>;
    const problems = problemsOf(() =>
      loose('wrong', {
        ...right,
        where: (e: Fields) => e['temperature'],
        dimensions: (e: Fields) => ({ place: e['place'] }),
        measures: (e: Fields) => ({ total: looseSum(e['sensorId']), records: count() }),
        derived: (m: Record<string, unknown>) => ({ a: m['unknown'] }),
        serve: [{ key: ['place'] }],
      }),
    );
    expect(problems).toEqual([
      'NOT_DECLARED at dimensions',
      'NOT_DECLARED at derived',
      'KIND_INVALID at where',
      'KIND_INVALID at measures.total',
      'SERVE_INVALID at serve[0].key',
    ]);
  });
});
