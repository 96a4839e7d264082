import { classify, oracleAnswer } from '@twofold/oracle';
import { boolean, date, decimal, float, instant, int, stream, text } from '@twofold/schemas';
import { count, encodeKey, tumbling, view } from '@twofold/views';
import { expect, test } from 'vitest';
import { dimensionsOf, wholeCut } from '../src/compare-with-oracle.ts';

const readings = stream('readings', {
  fields: {
    id: text(),
    at: instant('ms'),
    price: decimal(2),
    share: float({ quantum: 2 ** -4 }),
    seen: instant('us'),
    second: instant('s'),
    day: date(),
    open: boolean(),
    level: int(),
    name: text().optional(),
  },
  id: ['id'],
  eventTime: 'at',
  partitionKey: 'id',
  skew: null,
});
const byAll = view('byAll', {
  from: readings,
  version: 1,
  dimensions: (e) => ({
    price: e.price,
    share: e.share,
    seen: e.seen,
    second: e.second,
    day: e.day,
    open: e.open,
    level: e.level,
    name: e.name,
  }),
  window: tumbling('1m'),
  measures: () => ({ readings: count() }),
  levels: { '1m': '30d' },
  serve: [{ key: [] }],
});

const event = (price: string, name: string): string =>
  `{"id":"${price}","at":"2026-01-01T00:00:00.5Z","price":${price},"share":0.0625,"seen":"1969-12-31T23:59:59.999999Z",` +
  `"second":"2026-01-01T00:00:01Z","day":"2026-02-28","open":true,"level":-7${name}}`;

test('keys of every kind of dimension are compared in the form that answers have, not in their units', () => {
  const records = [event('-12.30', ''), event('0.05', ',"name":"ö"')].map((value, offset) => {
    const bytes = new TextEncoder().encode(value);
    return { partition: 0, offset, key: null, value: bytes, logTime: Date.UTC(2026, 0, 1) };
  });
  const rows = oracleAnswer(byAll, classify(readings, records, [0]), { from: -Infinity, to: Infinity });
  expect(rows.map(({ dimensions }) => dimensions['price'])).toEqual(['-12.30', '0.05']);
  for (const { key, dimensions } of rows) expect(dimensionsOf(byAll, encodeKey(byAll, key))).toEqual(dimensions);
});

test('of a partition that was added since the batch ran, nothing is expected of the batch layer', () => {
  const value = new TextEncoder().encode(event('0.05', ''));
  const records = [0, 1].map((partition) => {
    const logTime = Date.UTC(2026, 0, 1);
    return { partition, offset: 0, key: null, value, logTime };
  });
  const log = classify(readings, records, [0, 0]);
  const [row, ...more] = oracleAnswer(byAll, log, { from: -Infinity, to: Infinity, upTo: wholeCut([1], log) });
  expect([row?.values['readings'], more]).toEqual([1, []]);
});
