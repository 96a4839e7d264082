import { enumeration, instant, int, stream, text, upsert } from '@twofold/schemas';
import { avg, count, stddev, sum, tumbling, view } from '@twofold/views';
import type { Model } from '../model.ts';
import { smallModel } from '../model.ts';
import { UpsertWorkload } from './upsert-workload.ts';

/** Restatements of few items, so that each is stated again and again. */
export const prices = stream('prices', {
  fields: {
    id: text().maxLength(16),
    item: text().maxLength(8),
    revision: int().between(0, 1_000_000),
    op: enumeration(['insert', 'update', 'delete']).optional(),
    token: text().maxLength(16),
    at: instant('ms'),
    amount: int().between(-1000, 1000).optional(),
    note: int().between(0, 9).optional(),
  },
  id: ['id'],
  eventTime: 'at',
  partitionKey: 'item',
  skew: null,
  dedupeHorizon: 10,
  sliceSize: 8,
});

const declaration = {
  of: prices,
  key: ['item'],
  revision: 'revision',
  operation: { field: 'op', deletes: ['delete'] },
  keep: ['amount'],
} as const;

/** Small slices; the horizon holds eight appends of one change. */
export const priceChanges = upsert('price-changes', { ...declaration, dedupeHorizon: 24, sliceSize: 8 });

/** What the change stream was declared as once: its snapshots still lie about. */
export const formerChanges = upsert('price-changes', {
  of: prices,
  key: ['item'],
  revision: 'revision',
  dedupeHorizon: 24,
  sliceSize: 8,
});

/** Each row has a row of its own: that each holds once is literal. */
const held = view('held', {
  from: priceChanges,
  version: 1,
  dimensions: (e) => ({ item: e.item, token: e.token }),
  window: tumbling('10s'),
  measures: (e) => ({ rows: count(), amount: sum(e.amount) }),
  levels: { '10s': 'forever' },
  serve: [{ key: ['item', 'token'] }],
  buckets: 4,
});

const totals = (version: number) =>
  view('totals', {
    from: priceChanges,
    version,
    where: (e) => e.note.notEquals(3).or(e.note.isNull()),
    dimensions: (e) => ({ note: e.note }),
    window: tumbling(version === 1 ? '1m' : '2m'),
    measures: (e) => ({
      rows: count(),
      priced: count(e.amount),
      total: sum(e.amount),
      mean: avg(e.amount),
      spread: stddev(e.amount),
    }),
    levels: version === 1 ? { '1m': 'forever', '10m': 'forever' } : { '1m': 'forever' },
    serve: [{ key: ['note'] }],
    buckets: version === 1 ? 4 : 8,
  });

const totals1 = totals(1);
const totals2 = totals(2);

/** The restatements themselves are a stream like any other. */
const restated = view('restated', {
  from: prices,
  version: 1,
  dimensions: (e) => ({ item: e.item }),
  window: tumbling('1m'),
  measures: () => ({ events: count() }),
  levels: { '1m': 'forever' },
  serve: [{ key: ['item'] }],
  buckets: 4,
});

/** Restatements and the change stream that an operator makes of them (E26, E27). */
export const upsertModel: Model = {
  ...smallModel,
  topics: [
    { stream: prices, topic: 'prices-log' },
    { stream: priceChanges, topic: 'price-changes-log' },
  ],
  views: [held, totals1, totals2, restated],
  wanted: { before: [held, totals1, restated], after: [held, totals2, restated] },
  events: (_, seed) => new UpsertWorkload(seed * 2 + 1),
};
