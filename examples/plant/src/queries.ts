/** A GraphQL query to try. */
export interface ReadyQuery {
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly about: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const provenance = `provenance { release { id number } }
    freshness { health because }`;

/** Three queries over what `npm start` has sent. */
export const queries: readonly ReadyQuery[] = [
  {
    name: 'RigMinutes',
    about: 'The first three minutes of a sensor of the hydraulic rig, real data.',
    text: `query RigMinutes($sensor: String!, $from: DateTime!, $to: DateTime!) {
  rigMinute(key: { sensor: { eq: $sensor } }, timeRange: { from: $from, to: $to }, first: 3) {
    nodes { windowStart windowEnd readings temperature coldest hottest spread }
    ${provenance}
  }
}`,
    variables: { sensor: 'TS1', from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' },
  },
  {
    name: 'RigHours',
    about: 'The same sensor by the hour: a coarser grain of the same view.',
    text: `query RigHours($sensor: String!, $from: DateTime!, $to: DateTime!) {
  rigMinute(key: { sensor: { eq: $sensor } }, timeRange: { from: $from, to: $to }, grain: "1h", first: 5) {
    nodes { windowStart windowEnd readings temperature hottest }
    ${provenance}
  }
}`,
    variables: { sensor: 'TS1', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
  },
  {
    name: 'SensorNow',
    about: 'Rolling minutes of one generated sensor, batch and speed view merged.',
    text: `query SensorNow($sensor: String!, $from: DateTime!, $to: DateTime!) {
  sensorMinute(key: { sensor: { eq: $sensor } }, timeRange: { from: $from, to: $to }, first: 5) {
    nodes { windowEnd readings temperature pressure vibration worst crest complete }
    ${provenance}
  }
}`,
    variables: { sensor: 's-00001', from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z' },
  },
];
