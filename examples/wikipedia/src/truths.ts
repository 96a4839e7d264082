import { readFileSync } from 'node:fs';

/** What is known of the data without Twofold, and the query whose answer has to say it. */
export interface EditTruth {
  readonly name: string;
  readonly source: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly of: (data: unknown) => unknown;
  readonly expected: unknown;
}

export const facts = JSON.parse(readFileSync(new URL('../facts.json', import.meta.url), 'utf8')) as {
  readonly published: {
    readonly rows: number;
    readonly hours: number;
    readonly top10: readonly (readonly [page: string, edits: number])[];
  };
  readonly counted: {
    readonly rows: number;
    readonly distinct_pages: number;
    readonly distinct_users: number;
    readonly sum_added: number;
    readonly sum_deleted: number;
    readonly sum_delta: number;
    readonly robots: number;
    readonly edits_per_hour: readonly number[];
    readonly top_channels: readonly (readonly [channel: string, edits: number])[];
    readonly top_by_added: readonly (readonly [page: string, characters: number])[];
    readonly user_sessions_gap_30min: number;
  };
};

const druid = 'the tutorials of Druid';
const counted = 'a count of the file';
const variables = {
  day: { from: '2015-09-12T00:00:00Z', to: '2015-09-13T00:00:00Z' },
  near: { from: '2015-09-11T00:00:00Z', to: '2015-09-14T00:00:00Z' },
  // A page of an answer has at most 10,000 rows: sessions are asked for by when they end.
  morning: { from: '2015-09-12T00:00:00Z', to: '2015-09-12T14:00:00Z' },
  evening: { from: '2015-09-12T14:00:00Z', to: '2015-09-13T00:00:00Z' },
};

/** Three standard errors of a `distinct` with 2^16 registers. */
const mostError = (3 * 1.04) / 2 ** 8;

/** Everything that `facts.json` has and a view can say. */
export const truths: readonly EditTruth[] = [
  truth('edits', druid, 'channelHour(timeRange: $day, first: 1) { totals { edits } }', facts.published.rows, (data) =>
    Number(at(data, 'channelHour', 'totals', 'edits')),
  ),
  truth(
    'hours with edits',
    druid,
    'everyDay(timeRange: $day, grain: HOUR, zone: "UTC") { nodes { edits } }',
    facts.published.hours,
    (data) => rows(at(data, 'everyDay', 'nodes')).length,
  ),
  truth(
    'edits of every hour',
    counted,
    'everyDay(timeRange: $day, grain: HOUR, zone: "UTC") { nodes { edits } }',
    facts.counted.edits_per_hour,
    (data) => rows(at(data, 'everyDay', 'nodes')).map((row) => Number(at(row, 'edits'))),
  ),
  truth(
    'the ten pages with most edits',
    druid,
    'pageDay(timeRange: $day, orderBy: [{ field: EDITS, direction: DESC }], first: 10) { nodes { page edits } }',
    sorted(facts.published.top10),
    (data) => sorted(pairs(at(data, 'pageDay', 'nodes'), 'page', 'edits')),
  ),
  truth(
    'the five pages that grew most',
    counted,
    'pageDay(timeRange: $day, orderBy: [{ field: ADDED, direction: DESC }], first: 5) { nodes { page added } }',
    facts.counted.top_by_added,
    (data) => pairs(at(data, 'pageDay', 'nodes'), 'page', 'added'),
  ),
  truth(
    'the busiest channels',
    counted,
    'channelHour(timeRange: $day, grain: DAY, orderBy: [{ field: EDITS, direction: DESC }], first: 8) { nodes { channel edits } }',
    facts.counted.top_channels,
    (data) => pairs(at(data, 'channelHour', 'nodes'), 'channel', 'edits'),
  ),
  truth(
    'characters added, deleted and in all',
    counted,
    'everyDay(timeRange: $near, first: 1) { totals { added deleted change } }',
    [facts.counted.sum_added, facts.counted.sum_deleted, facts.counted.sum_delta],
    (data) => ['added', 'deleted', 'change'].map((name) => Number(at(data, 'everyDay', 'totals', name))),
  ),
  truth(
    'edits by robots',
    counted,
    'channelHour(timeRange: $day, first: 1) { totals { byRobots } }',
    facts.counted.robots,
    (data) => Number(at(data, 'channelHour', 'totals', 'byRobots')),
  ),
  ...(['users', 'pages'] as const).map((name) => {
    const exact = name === 'users' ? facts.counted.distinct_users : facts.counted.distinct_pages;
    const selection = `everyDay(timeRange: $near, first: 1) { totals { ${name} } }`;
    return truth(`different ${name}, within three standard errors of ${exact}`, counted, selection, true, (data) => {
      const found = Number(at(data, 'everyDay', 'totals', name));
      return Math.abs(found - exact) <= mostError * exact;
    });
  }),
  truth(
    'sessions of 30 minutes',
    counted,
    'early: userSessions(timeRange: $morning, first: 10000) { nodes { edits } } late: userSessions(timeRange: $evening, first: 10000) { nodes { edits } }',
    [facts.counted.user_sessions_gap_30min, facts.counted.rows],
    (data) => {
      const sessions = [...rows(at(data, 'early', 'nodes')), ...rows(at(data, 'late', 'nodes'))];
      return [sessions.length, sessions.reduce<number>((sum, row) => sum + Number(at(row, 'edits')), 0)];
    },
  ),
];

function truth(name: string, source: string, selection: string, expected: unknown, of: EditTruth['of']): EditTruth {
  const used = Object.entries(variables).filter(([variable]) => selection.includes(`$${variable}`));
  const declared = used.map(([variable]) => `$${variable}: TimeRange!`).join(', ');
  const text = `query Known(${declared}) { ${selection} }`;
  return { name, source, text, variables: Object.fromEntries(used), of, expected };
}

/** Pages with as many edits stand in any order. */
function sorted(list: readonly (readonly [string, number])[]): readonly (readonly [string, number])[] {
  return [...list].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

function pairs(nodes: unknown, name: string, value: string): [string, number][] {
  return rows(nodes).map((row) => [String(at(row, name)), Number(at(row, value))]);
}

function at(data: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    data,
  );
}

function rows(data: unknown): readonly unknown[] {
  return Array.isArray(data) ? (data as unknown[]) : [];
}
