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

/** Three queries over what `npm start` has sent. */
export const queries: readonly ReadyQuery[] = [
  {
    name: 'RigMinutes',
    about: 'The first three minutes of a sensor of the hydraulic rig, real data.',
    text: `query RigMinutes($sensor: String!, $from: DateTime!, $to: DateTime!) {
  rigMinute(key: { sensor: { eq: $sensor } }, timeRange: { from: $from, to: $to }, first: 3) {
    nodes { windowStart windowEnd readings temperature coldest hottest spread }
    ${about}
  }
}`,
    variables: { sensor: 'TS1', from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' },
  },
  {
    name: 'HottestHours',
    about: 'The three hours in which that sensor was hottest: a coarser grain of the same view, ordered by a measure.',
    text: `query HottestHours($sensor: String!, $from: DateTime!, $to: DateTime!) {
  rigMinute(
    key: { sensor: { eq: $sensor } }
    timeRange: { from: $from, to: $to }
    grain: HOUR
    orderBy: { field: HOTTEST, direction: DESC }
    first: 3
  ) {
    nodes { windowStart windowEnd readings temperature hottest }
    ${about}
  }
}`,
    variables: { sensor: 'TS1', from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' },
  },
  {
    name: 'SensorNow',
    about: 'Rolling minutes of one generated sensor, one a second: batch view and speed view merged.',
    text: `query SensorNow($sensor: String!, $from: DateTime!, $to: DateTime!) {
  sensorMinute(key: { sensor: { eq: $sensor } }, timeRange: { from: $from, to: $to }, first: 5) {
    nodes { windowEnd readings temperature pressure vibration worst crest complete }
    ${about}
  }
}`,
    variables: { sensor: 's-00001', from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z' },
  },
];
