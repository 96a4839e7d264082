import { decimal, instant, int, stream, text } from '@twofold/schemas';
import { avg, count, max, min, sum, tumbling, view } from '@twofold/views';

/** Small slices and horizons, so that few events show every edge. */
export const orders = stream('orders', {
  fields: {
    id: text().maxLength(16),
    key: text().maxLength(8),
    token: text().maxLength(16),
    at: instant('ms'),
    amount: int().between(-1000, 1000).optional(),
  },
  id: ['id'],
  eventTime: 'at',
  partitionKey: 'key',
  skew: null,
  dedupeHorizon: 10,
  sliceSize: 8,
});

export const clicks = stream('clicks', {
  fields: {
    id: text().maxLength(16),
    key: text().maxLength(8),
    token: text().maxLength(16),
    at: instant('ms'),
    amount: decimal(2).between(-1000, 1000),
  },
  id: ['id'],
  eventTime: 'at',
  partitionKey: 'key',
  skew: null,
  dedupeHorizon: 10,
  sliceSize: 4,
});

/** Each event has a row of its own: that each counts once is literal. */
export const tokens = view('tokens', {
  from: orders,
  version: 1,
  dimensions: (e) => ({ key: e.key, token: e.token }),
  window: tumbling('10s'),
  measures: () => ({ events: count() }),
  levels: { '10s': 'forever' },
  serve: [{ key: ['key', 'token'] }],
  buckets: 4,
});

const amounts = (version: number) =>
  view('amounts', {
    from: orders,
    version,
    dimensions: (e) => ({ key: e.key }),
    window: tumbling(version === 1 ? '1m' : '2m'),
    measures: (e) => ({ events: count(), total: sum(e.amount), low: min(e.amount), high: max(e.token) }),
    levels: version === 1 ? { '1m': 'forever', '10m': 'forever' } : { '1m': 'forever' },
    serve: [{ key: ['key'] }],
    buckets: version === 1 ? 4 : 8,
  });

export const amounts1 = amounts(1);
export const amounts2 = amounts(2);

export const clickSums = view('clickSums', {
  from: clicks,
  version: 1,
  where: (e) => e.amount.notEquals(13),
  dimensions: (e) => ({ key: e.key }),
  window: tumbling('10s'),
  measures: (e) => ({ events: count(), mean: avg(e.amount), low: min(e.amount), high: max(e.amount) }),
  levels: { '10s': 'forever' },
  serve: [{ key: ['key'] }],
  buckets: 4,
});

export const topics = [
  { stream: orders, topic: 'orders-log' },
  { stream: clicks, topic: 'clicks-log' },
] as const;

/** Every view version that programs know. */
export const allViews = [tokens, amounts1, amounts2, clickSums] as const;
