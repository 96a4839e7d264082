import { instant, stream, text } from '@twofold/schemas';
import {
  avg,
  componentIndexes,
  count,
  expressionText,
  max,
  sliding,
  stddev,
  sum,
  tumbling,
  variance,
  view,
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

describe('a view', () => {
  const sensorMinute = view('sensorMinute', {
    ...right,
    owner: 'plant-ops',
    description: 'Temperatures by the minute',
    where: (e) => e.temperature.isNotNull(),
    dimensions: (e) => ({ sensor: e.sensorId }),
    measures: (e) => ({
      readings: count(),
      temperature: avg(e.temperature),
      total: sum(e.temperature),
      pressure: avg(e.pressure).description('Of those that measure it'),
      known: count(e.pressure),
      vibration: stddev(e.vibration),
      shake: variance(e.vibration),
      worst: max(e.vibration),
      notes: count(e.sensorId),
    }),
    derived: (m) => ({ crest: m.worst.dividedBy(m.vibration).unit('1'), alarm: m.worst.greaterThan(500) }),
    serve: [{ key: ['sensor'] }],
    batch: { schedule: ' */15 * * *  * ' },
  });

  it('stores each component once, rows first, and counts what is never null by rows', () => {
    const stored = sensorMinute.components.map((c) => ('of' in c ? `${c.kind} ${expressionText(c.of)}` : c.kind));
    expect(stored).toEqual([
      'rows',
      'sum temperature',
      'sum pressure',
      'count pressure',
      'sum vibration',
      'sumSquares vibration',
      'max vibration',
    ]);
    const indexes = Object.fromEntries(
      sensorMinute.measures.map((measure) => [measure.name, componentIndexes(sensorMinute.components, measure)]),
    );
    expect(indexes).toEqual({
      readings: [0],
      temperature: [1, 0],
      total: [1, 0],
      pressure: [2, 3],
      known: [3],
      vibration: [0, 4, 5],
      shake: [0, 4, 5],
      worst: [6],
      notes: [0],
    });
  });

  it('is a frozen tree of values with its defaults filled in', () => {
    expect(JSON.parse(JSON.stringify({ ...sensorMinute, stream: null }))).toMatchObject({
      name: 'sensorMinute',
      owner: 'plant-ops',
      window: { kind: 'sliding', sizeMs: 60_000, everyMs: 1_000 },
      levels: [
        { widthMs: 1_000, retainMs: 172_800_000 },
        { widthMs: 60_000, retainMs: 2_592_000_000 },
        { widthMs: 3_600_000, retainMs: null },
      ],
      buckets: 32,
      schedule: { name: '*/15 * * * *', cron: '*/15 * * * *', overlap: 'queue', missed: 'latest' },
      freshness: { warnAfterMs: 2_000, errorAfterMs: 30_000 },
    });
    expect(Object.isFrozen(sensorMinute.measures[1])).toBe(true);
    expect(sensorMinute.stream).toBe(readings);
    expect(sensorMinute.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });

  it('knows units: of the field, squared for a variance, none for a count, the one that is told', () => {
    const units = Object.fromEntries(sensorMinute.measures.map(({ name, unit }) => [name, unit]));
    expect(units).toMatchObject({ temperature: '°C', vibration: 'mm/s', shake: '(mm/s)²', readings: null });
    expect(sensorMinute.derived.map(({ name, unit }) => [name, unit])).toEqual([
      ['crest', '1'],
      ['alarm', null],
    ]);
    expect(sensorMinute.measures[3]?.description).toBe('Of those that measure it');
  });

  it('sorts levels by width and takes a whole tumbling window', () => {
    const declared = view('hourly', { ...plain, window: tumbling('1h'), levels: { '1h': '9d', '20m': '8d' } });
    expect(declared.levels.map((level) => level.widthMs)).toEqual([1_200_000, 3_600_000]);
    expect(declared.window).toEqual({ kind: 'tumbling', sizeMs: 3_600_000, everyMs: 3_600_000 });
  });
});

describe('the fingerprint of a view', () => {
  const base = view('same', plain).fingerprint;

  it('changes with all that decides a partial', () => {
    const changed = [
      view('other', plain),
      view('same', { ...plain, version: 2 }),
      view('same', { ...plain, where: (e) => e.starts.greaterThan(0) }),
      view('same', { ...plain, where: (e) => e.starts.greaterThan(1) }),
      view('same', { ...plain, dimensions: (e) => ({ sensor: e.sensorId }) }),
      view('same', { ...plain, dimensions: (e) => ({ sensor: e.note }) }),
      view('same', { ...plain, measures: (e) => ({ records: count(), hot: max(e.temperature) }) }),
      view('same', { ...plain, measures: (e) => ({ records: count(e.note) }) }),
      view('same', { ...plain, window: tumbling('1m') }),
      view('same', { ...plain, levels: { '500ms': '2d', '1m': '30d', '1h': 'forever' } }),
      view('same', { ...plain, levels: { '1s': '2d', '1m': '30d' } }),
      view('same', { ...plain, buckets: 64 }),
      view('same', { ...plain, from: stream('sensor-readings', { ...streamOf(100_001) }) }),
    ].map((declared) => declared.fingerprint);
    expect(new Set([base, ...changed]).size).toBe(changed.length + 1);
  });

  it('does not change with what people read, with retention, access, schedule and derived values', () => {
    const same = view('same', {
      ...plain,
      measures: () => ({ records: count().description('how many').unit('1') }),
      description: 'changed',
      owner: 'somebody',
      derived: (m) => ({ twice: m.records.times(2) }),
      levels: { '1s': '3d', '1m': '60d', '1h': '400d' },
      batch: { schedule: '0 * * * *' },
      freshness: { warnAfter: '1m', errorAfter: '2m' },
    });
    expect(same.fingerprint).toBe(base);
  });

  function streamOf(dedupeHorizon: number) {
    return { fields: { at: instant('ms'), id: text() }, id: ['id'], eventTime: 'at', dedupeHorizon } as const;
  }
});
