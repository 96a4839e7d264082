import type { AppendRecord } from '@twofold/event-log';
import { decimal, instant, int, stream, text, type Stream } from '@twofold/schemas';
import { avg, count, max, min, session, sum, tumbling, view } from '@twofold/views';
import { shortModel, type Model } from '../model.ts';
import { Workload } from '../workload.ts';

const fields = {
  id: text().maxLength(16),
  key: text().maxLength(8),
  token: text().maxLength(16),
  at: instant('ms'),
};
const roles = { id: ['id'], eventTime: 'at', partitionKey: 'key' } as const;

/** The second version looks less far back for copies and takes fewer amounts: what is no event hides no copy. */
const orders = (version: 1 | 2) =>
  stream('orders', {
    fields: { ...fields, amount: version === 1 ? int().between(-1000, 1000).optional() : int().between(-800, 800) },
    ...roles,
    ...{ version, skew: null, dedupeHorizon: version === 1 ? 10 : 5, sliceSize: 8 },
  });

/** The second version looks further back, further than a slice is long, and takes events of any time ahead. */
const clicks = (version: 1 | 2) =>
  stream('clicks', {
    fields: { ...fields, number: int().between(0, 1_000_000), amount: decimal(2).between(-1000, 1000) },
    ...{ id: ['key', 'number'], eventTime: 'at', partitionKey: 'key' },
    ...{ version, skew: version === 1 ? '5m' : null, dedupeHorizon: version === 1 ? 10 : 15, sliceSize: 4 },
  });

const [orders1, orders2, clicks1, clicks2] = [orders(1), orders(2), clicks(1), clicks(2)];

/** Each event has a row of its own. */
const orderRows = (from: typeof orders1) =>
  view('orderRows', {
    from,
    version: from.version,
    dimensions: (e) => ({ key: e.key, token: e.token }),
    window: tumbling('10s'),
    measures: (e) => ({ events: count(), total: sum(e.amount) }),
    levels: { '10s': 'forever' },
    serve: [{ key: ['key', 'token'] }],
    buckets: 4,
  });

const orderVisits = (from: typeof orders1) =>
  view('orderVisits', {
    from,
    version: from.version,
    dimensions: (e) => ({ key: e.key }),
    window: session('10s'),
    measures: (e) => ({ events: count(), high: max(e.token) }),
    levels: { '1m': 'forever' },
    serve: [{ key: ['key'] }],
    buckets: 4,
  });

const clickSums = (from: typeof clicks1) =>
  view('clickSums', {
    from,
    version: from.version,
    where: (e) => e.amount.notEquals(13),
    dimensions: (e) => ({ key: e.key }),
    window: tumbling('2m'),
    measures: (e) => ({ events: count(), mean: avg(e.amount), low: min(e.amount), high: max(e.token) }),
    levels: { '1m': 'forever', '2h': 'forever' },
    serve: [{ key: ['key'] }],
    buckets: 4,
  });

const before = [orderRows(orders1), orderVisits(orders1), clickSums(clicks1)];
const after = [orderRows(orders2), orderVisits(orders2), clickSums(clicks2)];
const topicOf = (of: Stream) => ({ stream: of, topic: `${of.name}-log` });

/** With the number of the event's id as a field: repetitions of a key and a number are looked for by other means (E9). */
function numbered(record: AppendRecord): AppendRecord {
  const { value } = record;
  const text = value === null ? '' : new TextDecoder().decode(value);
  const number = /"id":"[a-z]+(\d+)"/.exec(text)?.[1];
  if (number === undefined) return record;
  return { ...record, value: new TextEncoder().encode(text.replace('{', `{"number":${number},`)) };
}

/** Both streams get a second version while everything goes on: what was archived is read anew (E9). */
export const versionsModel: Model = {
  ...shortModel,
  topics: [topicOf(orders1), topicOf(clicks1)],
  newer: [topicOf(orders2), topicOf(clicks2)],
  views: [...before, ...after],
  wanted: { before, after },
  events: (topic, seed) => {
    const source = new Workload('ab'[topic] ?? 'c', seed * 2 + topic);
    return topic === 1 ? { take: (...of) => source.take(...of).map(numbered) } : source;
  },
};
