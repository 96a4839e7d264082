/** A GraphQL query to try. */
export interface ReadyQuery {
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly about: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const about = `provenance { release releaseNumber layers }
    freshness { health because }`;

export const queries: readonly ReadyQuery[] = [
  {
    name: 'OneMinute',
    about: 'A minute of the log, ten seconds at a time: its lines are in no order, and each is where it belongs.',
    text: `query OneMinute($minute: TimeRange!) {
  tenSeconds(timeRange: $minute) {
    nodes { windowStart requests clients bytes usualBytes complete }
    totals { requests clients bytes }
    ${about}
  }
}`,
    variables: { minute: { from: '2015-05-17T10:05:00Z', to: '2015-05-17T10:06:00Z' } },
  },
  {
    name: 'Missing',
    about: 'The hours in which most was not found.',
    text: `query Missing($status: BigInt!, $days: TimeRange!) {
  statusHour(
    key: { status: { eq: $status } }
    timeRange: $days
    orderBy: [{ field: REQUESTS, direction: DESC }]
    first: 3
  ) {
    nodes { windowStart status requests bytes largest }
    ${about}
  }
}`,
    variables: { status: '404', days: { from: '2015-05-17T00:00:00Z', to: '2015-05-21T00:00:00Z' } },
  },
];
