import { readFileSync } from 'node:fs';

/** What is known of the data without Twofold, and the query whose answer has to say it. */
export interface FlightTruth {
  readonly name: string;
  readonly source: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly of: (data: unknown) => unknown;
  readonly expected: unknown;
}

export interface Facts {
  readonly source: string;
  readonly rows: number;
  readonly sumDelay: number;
  readonly sumDistance: number;
  readonly late: number;
  readonly early: number;
  readonly origins: number;
  readonly destinations: number;
  readonly hoursWithRows: number;
  readonly busiestHour: readonly [start: string, flights: number];
  readonly rowsByMonth: Readonly<Record<string, number>>;
  readonly topOrigins: readonly (readonly [origin: string, flights: number])[];
  readonly worstMeanDelays: readonly (readonly [origin: string, minutes: number])[];
}

export const facts = JSON.parse(readFileSync(new URL('../facts.json', import.meta.url), 'utf8')) as {
  readonly halfYear: Facts;
  readonly oneDay: Facts;
};

const wholeYear = { from: '2001-01-01T00:00:00Z', to: '2002-01-01T00:00:00Z' };

/** Everything that `facts.json` has of a data set. */
export function truthsOf(known: Facts): readonly FlightTruth[] {
  const truth = (name: string, selection: string, expected: unknown, of: FlightTruth['of']): FlightTruth => ({
    name,
    source: known.source,
    text: `query Known($range: TimeRange!) { ${selection} }`,
    variables: { range: wholeYear },
    of,
    expected,
  });
  const hours = (selection: string): string => `flightHour(timeRange: $range, first: 1) { totals { ${selection} } }`;
  const total = (name: string, measure: string, expected: number): FlightTruth =>
    truth(name, hours(measure), expected, (data) => Number(at(data, 'flightHour', 'totals', measure)));
  const busiest = 'orderBy: [{ field: FLIGHTS, direction: DESC }], first: 1';
  return [
    total('flights', 'flights', known.rows),
    total('minutes of delay', 'delay', known.sumDelay),
    total('miles', 'miles', known.sumDistance),
    total('flights 15 minutes late or more', 'late', known.late),
    total('early flights', 'early', known.early),
    total('airports of departure', 'origins', known.origins),
    total('airports of arrival', 'destinations', known.destinations),
    truth(
      'hours with flights',
      'flightHour(timeRange: $range, first: 10000) { nodes { windowStart } }',
      known.hoursWithRows,
      (data) => rows(at(data, 'flightHour', 'nodes')).length,
    ),
    truth(
      'the busiest hour',
      `flightHour(timeRange: $range, ${busiest}) { nodes { windowStart flights } }`,
      [[`${known.busiestHour[0].replace(' ', 'T')}.000Z`, String(known.busiestHour[1])]],
      (data) => rows(at(data, 'flightHour', 'nodes')).map((row) => [at(row, 'windowStart'), at(row, 'flights')]),
    ),
    truth(
      'flights by month',
      'flightHour(timeRange: $range, grain: MONTH) { nodes { windowStart flights } }',
      Object.entries(known.rowsByMonth).map(([month, flights]) => [month, String(flights)]),
      (data) =>
        rows(at(data, 'flightHour', 'nodes')).map((row) => [
          String(at(row, 'windowStart')).slice(0, 7),
          at(row, 'flights'),
        ]),
    ),
    truth(
      'airports with the most flights',
      `originDay(timeRange: $range, grain: YEAR, orderBy: [{ field: FLIGHTS, direction: DESC }], first: ${known.topOrigins.length}) { nodes { origin flights } }`,
      known.topOrigins.map(([origin, flights]) => [origin, String(flights)]),
      (data) => rows(at(data, 'originDay', 'nodes')).map((row) => [at(row, 'origin'), at(row, 'flights')]),
    ),
    ...known.worstMeanDelays.map(([origin, minutes]) =>
      truth(
        `mean delay from ${origin}`,
        `originDay(key: { origin: { eq: "${origin}" } }, timeRange: $range, grain: YEAR) { nodes { meanDelay } }`,
        [minutes],
        (data) => rows(at(data, 'originDay', 'nodes')).map((row) => Number(Number(at(row, 'meanDelay')).toFixed(6))),
      ),
    ),
  ];
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
