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

const day = { from: '2001-04-27T00:00:00Z', to: '2001-04-28T00:00:00Z' };

/** Queries over both data sets: the day that comes with the example is a day of the other. */
export const queries: readonly ReadyQuery[] = [
  {
    name: 'WorstAirports',
    about: 'The airports with the longest mean delay of one day, with what is usual and what is long there.',
    text: `query WorstAirports($day: TimeRange!) {
  originDay(timeRange: $day, orderBy: [{ field: MEAN_DELAY, direction: DESC }], first: 3) {
    nodes { origin flights meanDelay usualDelay longDelay worstDelay lateShare }
    ${about}
  }
}`,
    variables: { day },
  },
  {
    name: 'OneAirport',
    about: 'One airport, day by day.',
    text: `query OneAirport($origin: String!, $day: TimeRange!) {
  originDay(key: { origin: { eq: $origin } }, timeRange: $day, first: 7) {
    nodes { windowStart flights late delay meanDelay spread usualDelay longDelay }
    ${about}
  }
}`,
    variables: { origin: 'ORD', day },
  },
];
