import { expect, it } from 'vitest';
import { startApi } from './api-client.ts';
import { naive } from './naive.ts';
import { Plant, T0 } from './plant.ts';

const MINUTES = 2_006;
const FROM = T0 - 60_000;
const TO = T0 + 2 * MINUTES * 60_000;

it('a snapshot of more rows than are kept in memory ends at slice ends, and its pages are exact while events come in', async () => {
  const plant = new Plant();
  for (let n = 0; n < MINUTES; n++)
    plant.log[0]?.push({ sensor: 's1', n, atMs: T0 + n * 60_000 + (n % 7) * 8_000, value: n % 13 });
  await plant.register();
  await plant.foldBase(0, 2_003);
  const test = await startApi(plant);
  const range = `timeRange: { from: "${new Date(FROM).toISOString()}", to: "${new Date(TO).toISOString()}" }`;
  const page = `query ($after: String) {
    bySensor(key: { sensor: { eq: "s1" } } ${range} first: 4000 after: $after consistency: SNAPSHOT) {
      nodes { windowEnd events total } pageInfo { hasNextPage endCursor } } }`;
  const seen: unknown[] = [];
  let after: unknown = null;
  do {
    const { data, errors } = await test.query(page, { after });
    expect(errors).toEqual([]);
    const { nodes, pageInfo } = data.bySensor;
    seen.push(...nodes);
    if (after === null) await plant.foldBase(0, MINUTES, { from: 2_000 });
    after = pageInfo['hasNextPage'] === true ? pageInfo['endCursor'] : null;
  } while (after !== null);
  // The last slice end below position 2,003.
  const wanted = naive(plant.log[0]?.slice(0, 2_000) ?? [], 60_000, 10_000, FROM, TO);
  expect(wanted.length).toBeGreaterThan(10_000);
  expect(seen).toEqual(
    wanted.map(({ windowEnd, events, total }) => ({
      windowEnd: new Date(windowEnd).toISOString(),
      events: String(events),
      total: String(total),
    })),
  );
  await test.api.close();
});
