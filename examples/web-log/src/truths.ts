import { readFileSync } from 'node:fs';

/** What is known of the data without Twofold, and the query whose answer has to say it. */
export interface LogTruth {
  readonly name: string;
  readonly source: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly of: (data: unknown) => unknown;
  readonly expected: unknown;
}

export const facts = JSON.parse(readFileSync(new URL('../facts.json', import.meta.url), 'utf8')) as {
  readonly source: string;
  readonly lines: number;
  readonly clients: number;
  readonly status: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly first: number;
  readonly min: number;
  readonly max: number;
  readonly hours: number;
  readonly topClients: readonly (readonly [client: string, requests: number])[];
  readonly behindTheLatest: number;
  readonly mostSecondsBehind: number;
  readonly droppedElsewhere: Readonly<Record<string, number>>;
};

const range = { from: '2015-01-01T00:00:00Z', to: '2016-01-01T00:00:00Z' };

/** Everything that `facts.json` has and a view can say. */
export const truths: readonly LogTruth[] = [
  truth('lines', 'tenSeconds(timeRange: $range, first: 1) { totals { requests } }', String(facts.lines), (data) =>
    at(data, 'tenSeconds', 'totals', 'requests'),
  ),
  truth('bytes', 'tenSeconds(timeRange: $range, first: 1) { totals { bytes } }', String(facts.bytes), (data) =>
    String(at(data, 'tenSeconds', 'totals', 'bytes')),
  ),
  truth('clients', 'tenSeconds(timeRange: $range, first: 1) { totals { clients } }', facts.clients, (data) =>
    Number(at(data, 'tenSeconds', 'totals', 'clients')),
  ),
  truth(
    'windows of ten seconds hold every line, in whatever order',
    'tenSeconds(timeRange: $range, first: 10000) { nodes { requests } }',
    facts.lines,
    (data) => rows(at(data, 'tenSeconds', 'nodes')).reduce<number>((sum, row) => sum + Number(at(row, 'requests')), 0),
  ),
  truth(
    'hours with requests',
    'tenSeconds(timeRange: $range, grain: HOUR, first: 1000) { nodes { requests } }',
    facts.hours,
    (data) => rows(at(data, 'tenSeconds', 'nodes')).length,
  ),
  truth(
    'requests by status',
    'statusHour(timeRange: $range, grain: YEAR) { nodes { status requests } }',
    facts.status,
    (data) =>
      Object.fromEntries(
        rows(at(data, 'statusHour', 'nodes')).map((row) => [String(at(row, 'status')), Number(at(row, 'requests'))]),
      ),
  ),
  truth(
    'the busiest clients',
    'clientHour(timeRange: $range, grain: YEAR, orderBy: [{ field: REQUESTS, direction: DESC }], first: 3) { nodes { client requests } }',
    facts.topClients,
    (data) => rows(at(data, 'clientHour', 'nodes')).map((row) => [at(row, 'client'), Number(at(row, 'requests'))]),
  ),
];

function truth(name: string, selection: string, expected: unknown, of: LogTruth['of']): LogTruth {
  const text = `query Known($range: TimeRange!) { ${selection} }`;
  return { name, source: facts.source, text, variables: { range }, of, expected };
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
