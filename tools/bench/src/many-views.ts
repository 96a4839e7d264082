import {
  count,
  max,
  sliding,
  sum,
  tumbling,
  view,
  type BooleanExpression,
  type View,
  type WindowDraft,
} from '@twofold/views';
import { BYTES, KINDS, REGIONS, requests, STATUSES, type RequestFields } from './request-events.ts';

/** A request as `JSON.parse` gives it. */
export interface Request {
  readonly device: string;
  readonly at: number;
  readonly region: string;
  readonly kind: string;
  readonly status: number;
  readonly bytes: number;
  readonly took: number;
  readonly cached: boolean;
}

/** A view, and the same as someone writes it by hand for one event. */
export interface PlainView {
  readonly view: View;
  readonly where: (request: Request) => boolean;
  readonly key: (request: Request) => string;
  /** The same over the archive's columns, as SQL. */
  readonly sql: { readonly where: string; readonly key: readonly string[] };
  /** The condition as code over the columns of a row; `{field:a,b}` stands for the field being one of the texts. */
  readonly code: string;
  readonly keys: readonly Dimension[];
  readonly paneMs: number;
}

interface Condition {
  readonly declared: (e: RequestFields) => BooleanExpression;
  readonly plain: (request: Request) => boolean;
  readonly sql: string;
  readonly code: string;
}

const listed = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ');

/** Conditions of every kind, each true for a fifth of the requests; `n` varies what they ask. */
const conditions: readonly ((n: number) => Condition)[] = [
  (n) => {
    const some = [at(REGIONS, n), at(REGIONS, n + 1 + (n % 4))];
    return {
      declared: (e) => e.region.isOneOf(some),
      plain: ({ region }) => some.includes(region),
      sql: `f_region in (${listed(some)})`,
      code: `{region:${some.join(',')}}`,
    };
  },
  (n) => {
    const wanted = at(KINDS, n);
    return {
      declared: (e) => e.kind.equals(wanted),
      plain: ({ kind }) => kind === wanted,
      sql: `f_kind = '${wanted}'`,
      code: `{kind:${wanted}}`,
    };
  },
  (n) => {
    const [from, to] = [((n % 9) * BYTES) / 10, ((n % 9) * BYTES) / 10 + BYTES / 5];
    return {
      declared: (e) => e.bytes.atLeast(from).and(e.bytes.lessThan(to)),
      plain: ({ bytes }) => bytes >= from && bytes < to,
      sql: `f_bytes >= ${from} and f_bytes < ${to}`,
      code: `bytes[row] >= ${from} && bytes[row] < ${to}`,
    };
  },
  (n) => {
    const wanted = at(STATUSES, n);
    return {
      declared: (e) => e.status.equals(wanted),
      plain: ({ status }) => status === wanted,
      sql: `f_status = ${wanted}`,
      code: `status[row] === ${wanted}`,
    };
  },
  (n) => {
    const some = [0, 2, 4, 7].map((by) => at(REGIONS, n + by));
    return {
      declared: (e) => e.cached.and(e.region.isOneOf(some)),
      plain: ({ cached, region }) => cached && some.includes(region),
      sql: `f_cached = 1 and f_region in (${listed(some)})`,
      code: `cached[row] === 1 && {region:${some.join(',')}}`,
    };
  },
  (n) => {
    const other = at(KINDS, n);
    return {
      declared: (e) => e.kind.notEquals(other).and(e.took.lessThan(2.5)),
      plain: ({ kind, took }) => kind !== other && took < 2.5,
      sql: `f_kind <> '${other}' and f_took < 2500`,
      code: `!({kind:${other}}) && took[row] < 2500`,
    };
  },
  (n) => {
    // Of no kind that is asked of whole columns.
    const [wanted, below] = [at(REGIONS, n), Math.round(BYTES / 9)];
    return {
      declared: (e) => e.region.equals(wanted).or(e.bytes.lessThan(below)),
      plain: ({ region, bytes }) => region === wanted || bytes < below,
      sql: `f_region = '${wanted}' or f_bytes < ${below}`,
      code: `{region:${wanted}} || bytes[row] < ${below}`,
    };
  },
];

type Dimension = 'device' | 'region' | 'kind' | 'status';
const keys: readonly (readonly Dimension[])[] = [
  ['region'],
  ['device'],
  ['region', 'kind'],
  [],
  ['device', 'kind'],
  ['status'],
  ['region', 'status', 'kind'],
];

/** How the events of a view are divided: the width of its panes, which are its only level. */
interface Grid {
  readonly width: '10s' | '1m' | '1h' | '1d';
  readonly paneMs: number;
  readonly window: WindowDraft;
}

const minutes: Grid = { width: '1m', paneMs: 60_000, window: tumbling('1m') };
const steps: Grid = { width: '10s', paneMs: 10_000, window: sliding('1m', { every: '10s' }) };
const hours: Grid = { width: '1h', paneMs: 3_600_000, window: tumbling('1h') };
const days: Grid = { width: '1d', paneMs: 86_400_000, window: tumbling('1d') };

/** Windows of keys that are many, and of those that are few. */
const grids = { live: { many: [minutes], few: [minutes, steps] }, history: { many: [days], few: [hours, days] } };

/** So many different views of requests: as they are looked at live, or over days of history. */
export function manyViews(amount: number, of: keyof typeof grids): PlainView[] {
  return Array.from({ length: amount }, (_, n): PlainView => {
    const { declared, plain, sql, code } = at(conditions, n)(Math.floor(n / conditions.length));
    const names = at(keys, n * 3 + Math.floor(n / keys.length));
    const { width, paneMs, window } = at(grids[of][names.includes('device') ? 'many' : 'few'], n);
    return {
      where: plain,
      key: (request) => names.map((name) => request[name]).join('|'),
      sql: { where: sql, key: names.map((name) => `f_${name}`) },
      code,
      keys: names,
      paneMs,
      view: view(`requests${n}`, {
        from: requests,
        version: 1,
        where: declared,
        dimensions: (e) => Object.fromEntries(names.map((name) => [name, e[name]])),
        measures: (e) => ({ requests: count(), bytes: sum(e.bytes), slowest: max(e.took) }),
        window,
        levels: { [width]: 'forever' as const },
        serve: [{ key: [] }],
      }),
    };
  });
}

function at<T>(items: readonly T[], n: number): T {
  const item = items[n % items.length];
  if (item === undefined) throw new RangeError('nothing to choose from');
  return item;
}
