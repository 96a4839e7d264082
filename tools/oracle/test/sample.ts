import {
  boolean,
  date,
  decimal,
  enumeration,
  float,
  instant,
  int,
  list,
  record,
  stream,
  text,
  uuid,
} from '@twofold/schemas';
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
  variance,
  view,
} from '@twofold/views';
import type { OracleRecord } from '@twofold/oracle';

/** Small horizon and slices, so that few records show both. */
export const ticks = stream('ticks', {
  fields: {
    machine: text().maxLength(8),
    at: instant('ms'),
    speed: decimal(2).between(-100, 900).optional(),
    noise: float({ quantum: 0.25 }).between(-1000, 1000).optional(),
    load: int().between(-1000, 1000).optional(),
  },
  id: ['machine', 'at'],
  eventTime: 'at',
  skew: '1m',
  dedupeHorizon: 3,
  sliceSize: 4,
});

export const perMachine = view('perMachine', {
  from: ticks,
  version: 1,
  where: (e) => e.load.isNull().or(e.load.notEquals(13)),
  dimensions: (e) => ({ machine: e.machine }),
  window: sliding('3s', { every: '1s' }),
  measures: (e) => ({
    events: count(),
    loads: count(e.load),
    total: sum(e.load),
    speed: avg(e.speed),
    speedSum: sum(e.speed),
    spread: variance(e.load),
    deviation: stddev(e.noise),
    low: min(e.speed),
    high: max(e.noise),
    latest: max(e.at),
    loadsSeen: distinct(e.load, { precision: 4 }),
    speeds: distinct(e.speed, { precision: 6 }),
    machines: distinct(e.machine),
    usualLoad: quantile(e.load, 0.5),
    highNoise: quantile(e.noise, 0.9),
    lowSpeed: quantile(e.speed, 0.05, { error: 0.1 }),
  }),
  derived: (m) => ({ perEvent: m.total.dividedBy(m.events), busy: m.events.greaterThan(2) }),
  levels: { '1s': '10s', '3s': '20s', '1m': 'forever' },
  serve: [{ key: ['machine'] }],
});

export const overall = view('overall', {
  from: ticks,
  version: 1,
  dimensions: () => ({}),
  window: tumbling('1m'),
  measures: (e) => ({ events: count(), least: min(e.load) }),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }],
});

/** One field of every kind, with roles for the odd ones. */
export const allKinds = stream('all-kinds', {
  fields: {
    plain: text().maxLength(30).optional(),
    code: text().matches('[A-Z]{2}-[0-9]{1,4}').optional(),
    count: int().from('co"unt'),
    rounded: decimal(2).round().optional(),
    fine: decimal(15).optional(),
    coarse: float({ quantum: 2 ** 40 }).optional(),
    tiny: float({ quantum: 2 ** -60 }).optional(),
    on: boolean().optional(),
    second: instant('s').optional(),
    micro: instant('us').from('µs'),
    day: date().optional(),
    state: enumeration(['up', 'down', 'é']).optional(),
    ref: uuid(),
  },
  id: ['ref'],
  eventTime: 'micro',
});

/** Records in records, some of which may be null, with keys that differ from names. */
export const nested = stream('nested', {
  fields: {
    k: text().maxLength(6),
    place: record({
      lat: decimal(2).between(-90, 90),
      lon: decimal(2).optional().from('l"on'),
      site: record({ name: text().maxLength(9), floor: int().optional() })
        .optional()
        .from('@'),
      tags: list(text().maxLength(4)).maxItems(3).optional(),
    }).optional(),
    meta: record({ at: instant('ms'), state: enumeration(['up', 'down']).optional() }).from('m'),
    on: boolean().optional(),
  },
  id: ['k', 'metaAt'],
  eventTime: 'metaAt',
});

const encoder = new TextEncoder();

/** Records of partition 0 from offset 0, all of one log time; null: a position without a record. */
export function logOf(values: readonly unknown[], logTime = 1_000_000): OracleRecord[] {
  return values.flatMap((value, offset) =>
    value === null
      ? []
      : [
          {
            partition: 0,
            offset,
            key: null,
            value: encoder.encode(typeof value === 'string' ? value : JSON.stringify(value)),
            logTime,
          },
        ],
  );
}
