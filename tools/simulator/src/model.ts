import type { AppendRecord } from '@twofold/event-log';
import { decimal, instant, int, stream, text, type Stream } from '@twofold/schemas';
import { avg, calendar, count, max, min, session, sum, tumbling, view, type View } from '@twofold/views';
import { Workload } from './workload.ts';

/** Makes what producers send. */
export interface EventSource {
  /**
   * @param reach how many events back a copy's original lies, at the most
   * @param now wall clock of the log, milliseconds
   */
  take(count: number, reach: number, now: number): AppendRecord[];
}

export interface Topic {
  readonly stream: Stream;
  readonly topic: string;
}

/** What a world's project is: its streams, the view versions that programs know, and what is sent. */
export interface Model {
  readonly topics: readonly Topic[];
  /** Later versions of some of those streams, over the same topics: deployed with the new versions of the views. */
  readonly newer?: readonly Topic[];
  /** Every view version that programs know. */
  readonly views: readonly View[];
  /** The versions that programs want live, before and after the new one is deployed. */
  readonly wanted: { readonly before: readonly View[]; readonly after: readonly View[] };
  readonly size: HistorySize;
  /** What each history has to show before it may end. */
  readonly needs: HistoryNeeds;
  events(topic: number, seed: number): EventSource;
}

/** So many at least; histories of small projects are counted together instead. */
export interface HistoryNeeds {
  readonly promotions: number;
  readonly versionPromotions: number;
  readonly cutsInsideSlice: number;
  readonly kills: number;
}

/** Ranges that a history draws from, ends included. */
export interface HistorySize {
  readonly durationMs: readonly [number, number];
  readonly partitions: readonly [number, number];
  readonly eventsPerPartition: readonly [number, number];
  readonly recordsPerSend: readonly [number, number];
  readonly fileRecords: readonly [number, number];
  /** One read of the log is of one of these sizes. */
  readonly readBytes: readonly number[];
  /** Runs of a runner, and ticks of the archiver, are up to so far apart. */
  readonly pauseMs: number;
}

/** Small slices and horizons, so that few events show every edge. */
const orders = stream('orders', {
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

const clicks = stream('clicks', {
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
  skew: '5m',
  dedupeHorizon: 10,
  sliceSize: 4,
});

/** Each event has a row of its own: that each counts once is literal. */
const tokens = view('tokens', {
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

const amounts1 = amounts(1);
const amounts2 = amounts(2);

const clickSums = view('clickSums', {
  from: clicks,
  version: 1,
  where: (e) => e.amount.notEquals(13),
  dimensions: (e) => ({ key: e.key }),
  window: calendar('day', { zone: 'Europe/Berlin' }),
  measures: (e) => ({ events: count(), mean: avg(e.amount), low: min(e.amount), high: max(e.amount) }),
  levels: { '10s': 'forever', '2h': 'forever' },
  serve: [{ key: ['key'] }],
  buckets: 4,
});

const visits = view('visits', {
  from: orders,
  version: 1,
  dimensions: (e) => ({ key: e.key }),
  window: session('10s'),
  measures: (e) => ({ events: count(), total: sum(e.amount) }),
  levels: { '1m': 'forever' },
  serve: [{ key: ['key'] }],
  buckets: 4,
});

/** Few events and every edge: what most histories run. */
export const smallModel: Model = {
  topics: [
    { stream: orders, topic: 'orders-log' },
    { stream: clicks, topic: 'clicks-log' },
  ],
  views: [tokens, amounts1, amounts2, clickSums, visits],
  wanted: { before: [tokens, amounts1, clickSums, visits], after: [tokens, amounts2, clickSums, visits] },
  size: {
    durationMs: [1_200, 2_600],
    partitions: [1, 2],
    eventsPerPartition: [90, 220],
    recordsPerSend: [1, 16],
    fileRecords: [5, 60],
    readBytes: [300, 1_000, 1 << 16],
    pauseMs: 500,
  },
  needs: { promotions: 0, versionPromotions: 0, cutsInsideSlice: 0, kills: 0 },
  events: (topic, seed) => new Workload('ab'[topic] ?? 'c', seed * 2 + topic),
};

/** The same in a third of the time: starts and ends, and what happens just after and before them, are more of it. */
export const shortModel: Model = {
  ...smallModel,
  size: { ...smallModel.size, durationMs: [300, 900], eventsPerPartition: [30, 80] },
};

/** So short that most processes have just begun when all gets calm: what is hit is registering, first cuts, first builds. */
export const briefModel: Model = {
  ...smallModel,
  size: { ...smallModel.size, durationMs: [100, 400], eventsPerPartition: [8, 30], pauseMs: 200 },
};
