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
const day = { from: '2015-09-12T00:00:00Z', to: '2015-09-13T00:00:00Z' };

export const queries: readonly ReadyQuery[] = [
  {
    name: 'TopPages',
    about: 'The pages that were edited most that day.',
    text: `query TopPages($day: TimeRange!) {
  pageDay(timeRange: $day, orderBy: [{ field: EDITS, direction: DESC }], first: 10) {
    nodes { page edits added }
    ${about}
  }
}`,
    variables: { day },
  },
  {
    name: 'LongestSessions',
    about: 'Who edited most without a pause of half an hour.',
    text: `query LongestSessions($day: TimeRange!) {
  userSessions(timeRange: $day, orderBy: [{ field: EDITS, direction: DESC }], first: 3) {
    nodes { user windowStart windowEnd edits pages added complete }
    ${about}
  }
}`,
    variables: { day },
  },
  {
    name: 'DaysElsewhere',
    about: 'The same hours as days in Tokyo, where the file begins before noon of one and ends in the next.',
    text: `query DaysElsewhere($days: TimeRange!, $zone: String!) {
  everyDay(timeRange: $days, grain: DAY, zone: $zone) {
    nodes { windowStart windowEnd edits users pages added }
    ${about}
  }
}`,
    variables: { days: { from: '2015-09-11T00:00:00Z', to: '2015-09-15T00:00:00Z' }, zone: 'Asia/Tokyo' },
  },
];
