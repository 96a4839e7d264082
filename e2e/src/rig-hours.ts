const START = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

/** When the reading of a minute was made, as events and conditions write it. */
export function minuteAt(minute: number): string {
  return new Date(START + minute * MINUTE_MS).toISOString().replace('.000Z', 'Z');
}

/** A reading a minute of two sensors over three hours, one JSON event a line; in the second hour TS1 was broken. */
export function rigHours(): string {
  const lines = Array.from({ length: 180 }, (_, minute) => {
    const timestamp = minuteAt(minute);
    const broken = minute >= 60 && minute < 120;
    return [
      { sensor: 'TS1', timestamp, cycle: 1, temperature: broken ? 180 : 40 + (minute % 7) },
      { sensor: 'TS2', timestamp, cycle: 1, temperature: 50 },
    ];
  });
  return `${lines
    .flat()
    .map((line) => JSON.stringify(line))
    .join('\n')}\n`;
}

/** What the API answers of a sensor's first four hours, hour by hour. */
export interface RigHours {
  readonly readings: readonly number[];
  readonly hottest: readonly number[];
}

/** Asks a running API. */
export async function askHours(url: string, sensor: string): Promise<RigHours> {
  const query = `{ rigMinute(key: { sensor: { eq: "${sensor}" } }, grain: HOUR, first: 10
    timeRange: { from: "2026-01-01T00:00:00Z", to: "2026-01-01T04:00:00Z" }) { nodes { readings hottest } } }`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as {
    data: { rigMinute: { nodes: { readings: string; hottest: string }[] } } | null;
    errors?: unknown;
  };
  if (data === null) throw new Error(`no answer: ${JSON.stringify(errors)}`);
  const { nodes } = data.rigMinute;
  return { readings: nodes.map((node) => Number(node.readings)), hottest: nodes.map((node) => Number(node.hottest)) };
}
