import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from './api-client.ts';
import { naive } from './naive.ts';
import { type Plant, T0 } from './plant.ts';
import { promotedPlant } from './promoted-plant.ts';

const FROM = T0 - 60_000;
const TO = T0 + 3_600_000;
const RANGE = `timeRange: { from: "${new Date(FROM).toISOString()}", to: "${new Date(TO).toISOString()}" }`;

let plant: Plant;
let test: TestApi;

beforeEach(async () => {
  plant = await promotedPlant();
  test = await startApi(plant);
});
afterEach(() => test.api.close());

const events = () => plant.log.flatMap((list) => list.slice(0, 50));
const rowsOf = (sensor: string) =>
  naive(
    events().filter((event) => event.sensor === sensor),
    60_000,
    10_000,
    FROM,
    TO,
  );
const shown = (rows: ReturnType<typeof naive>) =>
  rows.map(({ sensor, windowEnd, events: count, total }) => ({
    sensor,
    windowEnd: new Date(windowEnd).toISOString(),
    events: String(count),
    total: String(total),
  }));

describe('a view over GraphQL', () => {
  it('gives merged rows, totals that count an event once, provenance and freshness', async () => {
    const { data, errors } = await test.query(`{ bySensor(key: { sensor: { eq: "s1" } } ${RANGE}) {
      nodes { sensor windowStart windowEnd complete events total mean hottest }
      totals { events total mean }
      provenance { release releaseNumber view version build layers corrections controlSequence partitions { partition cut position } }
      freshness { health asOf lag lagMs because } } }`);
    expect(errors).toEqual([]);
    const { nodes, totals, provenance, freshness } = data.bySensor;
    const wanted = shown(rowsOf('s1'));
    expect(nodes.map(({ sensor, windowEnd, events, total }) => ({ sensor, windowEnd, events, total }))).toEqual(wanted);
    const mine = events().filter(({ sensor }) => sensor === 's1');
    const total = mine.reduce((sum, { value }) => sum + value, 0);
    expect(totals).toEqual({ events: String(mine.length), total: String(total), mean: total / mine.length });
    expect(Number(nodes[0]?.['mean'])).toBe(Number(wanted[0]?.total) / Number(wanted[0]?.events));
    expect(provenance).toEqual({
      release: 'r1',
      releaseNumber: 1,
      view: 'bySensor',
      version: 1,
      build: 'r1-bySensor',
      layers: ['BATCH', 'SPEED'],
      corrections: [],
      controlSequence: '3',
      partitions: [
        { partition: 0, cut: '22', position: '50' },
        { partition: 1, cut: '16', position: '50' },
      ],
    });
    expect(freshness).toEqual({
      health: 'FRESH',
      asOf: '2026-01-05T08:00:00.000Z',
      lag: '0ms',
      lagMs: 0,
      because: 'partition 0: all that the log holds has been read',
    });
    const newest = plant.log.map((list) => Math.max(...list.slice(0, 50).map(({ atMs }) => atMs)));
    const until = Math.min(...newest) - 10_000;
    expect(nodes.map((node) => node['complete'])).toEqual(
      wanted.map(({ windowEnd }) => Date.parse(windowEnd) <= until),
    );
  });

  it('E16: gives nothing twice and leaves nothing out over pages, also when a promotion comes between them', async () => {
    const page = `query ($after: String) { bySensor(key: { sensor: { in: ["s1", "s2", "s1"] } } ${RANGE} first: 7 after: $after) {
      edges { cursor node { sensor windowEnd events total } } pageInfo { hasNextPage hasPreviousPage endCursor } provenance { release } } }`;
    const seen: unknown[] = [];
    let after: unknown = null;
    for (let number = 0; ; number++) {
      const { data, errors } = await test.query(page, { after });
      expect(errors).toEqual([]);
      const { edges, pageInfo, provenance } = data.bySensor;
      seen.push(...edges.map(({ node }) => node));
      expect(provenance['release']).toBe('r1');
      expect(pageInfo['hasPreviousPage']).toBe(number > 0);
      if (number === 0) await plant.promote([40, 40], 'r2');
      after = pageInfo['endCursor'];
      expect(edges.at(-1)?.['cursor']).toBe(after);
      if (!pageInfo['hasNextPage']) break;
    }
    expect(seen).toEqual(shown([...rowsOf('s1'), ...rowsOf('s2')]));
    await plant.promote([44, 44], 'r3');
    await plant.dropOld();
    expect(await test.refusal(page, { after })).toBe('RELEASE_EXPIRED');
  });

  it('orders by a measure, ties by window and key, over pages of one snapshot', async () => {
    const page = `query ($after: String) { plantMinute(${RANGE} first: 5 after: $after
      orderBy: [{ field: EVENTS, direction: DESC }]) {
      nodes { sensor site windowEnd events } pageInfo { hasNextPage endCursor } } }`;
    const all = (await test.query(`{ plantMinute(${RANGE}) { nodes { sensor site windowEnd events } } }`)).data
      .plantMinute.nodes;
    const order = all
      .map((row, place) => ({ row, place }))
      .sort(
        (a, b) =>
          Number(b.row['events']) - Number(a.row['events']) ||
          Date.parse(String(a.row['windowEnd'])) - Date.parse(String(b.row['windowEnd'])) ||
          a.place - b.place,
      )
      .map(({ row }) => row);
    expect(new Set(all.map((row) => row['events'])).size).toBeLessThan(all.length);
    const seen: unknown[] = [];
    let after: unknown = null;
    do {
      const { data, errors } = await test.query(page, { after });
      expect(errors).toEqual([]);
      seen.push(...data.plantMinute.nodes);
      if (after === null) {
        await plant.foldBase(0, 60);
        await plant.foldBase(1, 60);
      }
      after = data.plantMinute.pageInfo['hasNextPage'] ? data.plantMinute.pageInfo['endCursor'] : null;
    } while (after !== null);
    expect(seen).toEqual(order);
  });

  it('keeps a snapshot for five minutes', async () => {
    const page = `query ($after: String) { bySensor(key: { sensor: { eq: "s1" } } ${RANGE} first: 2 consistency: SNAPSHOT after: $after) {
      nodes { windowEnd } pageInfo { endCursor } freshness { lagMs } } }`;
    const after = (await test.query(page)).data.bySensor.pageInfo['endCursor'];
    test.clock.nowMs += 299_999;
    expect((await test.query(page, { after })).data.bySensor).toMatchObject({
      nodes: [{}, {}],
      freshness: { lagMs: 299_999 },
    });
    test.clock.nowMs += 1;
    expect(await test.refusal(page, { after })).toBe('SNAPSHOT_EXPIRED');
  });

  it('E21: gives no page of a snapshot from before a redaction of its stream', async () => {
    const page = `query ($after: String) { bySensor(key: { sensor: { eq: "s1" } } ${RANGE} first: 2 consistency: SNAPSHOT after: $after) {
      nodes { windowEnd } pageInfo { endCursor } } }`;
    const after = (await test.query(page)).data.bySensor.pageInfo['endCursor'];
    const mark = async (release: number | null): Promise<void> => {
      const row = await plant.store.control.read();
      if (row === null) return expect.unreachable();
      const redactions = { readings: { correction: 'x', cut: [], release } };
      await plant.store.control.compareAndSet({ ...row, redactions, sequence: row.sequence + 1 });
    };
    await mark(null);
    expect((await test.query(page, { after })).data.bySensor.nodes).toHaveLength(2);
    await mark(99);
    expect(await test.refusal(page, { after })).toBe('SNAPSHOT_EXPIRED');
    expect(await test.refusal(page, { after })).toBe('SNAPSHOT_EXPIRED');
  });

  it('is read by each access path, and by no other', async () => {
    const total = async (key: string) =>
      (await test.query(`{ plantMinute(${key} ${RANGE}) { totals { events } } }`)).data.plantMinute.totals['events'];
    const counted = (of: (event: ReturnType<typeof events>[number]) => boolean) => String(events().filter(of).length);
    expect(await total('')).toBe('100');
    expect(await total('key: { site: { eq: "north" } }')).toBe(counted(({ site }) => site === 'north'));
    expect(await total('key: { site: { isNull: true } }')).toBe(counted(({ site }) => site === undefined));
    expect(await total('key: { site: { in: ["north", "south"] } sensor: { eq: "s3" } }')).toBe(
      counted(({ site, sensor }) => site !== undefined && sensor === 's3'),
    );
    expect(await test.refusal(`{ plantMinute(key: { sensor: { eq: "s3" } } ${RANGE}) { totals { events } } }`)).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
    expect(await test.refusal(`{ bySensor(key: { sensor: { isNull: false } } ${RANGE}) { totals { events } } }`)).toBe(
      'KEY_INVALID',
    );
    const variables = { key: { sensor: { eq: 's1', in: ['s2'] } } };
    const both = await test.query(
      `query ($key: BySensorKey!) { bySensor(key: $key ${RANGE}) { totals { events } } }`,
      variables,
    );
    expect(both.errors).toHaveLength(1);
  });

  it('leaves out what is not asked for, and gives a derived grain', async () => {
    const { data } = await test.query(
      `{ bySensor(key: { sensor: { eq: "s1" } } ${RANGE} grain: MINUTE) { nodes { events } } }`,
    );
    const mine = naive(
      events().filter(({ sensor }) => sensor === 's1'),
      60_000,
      60_000,
      FROM,
      TO,
    );
    expect(data.bySensor).toEqual({ nodes: mine.map((row) => ({ events: String(row.events) })) });
  });

  it.each([
    [
      'a range that ends before it begins',
      'timeRange: { from: "2026-01-05T09:00:00Z", to: "2026-01-05T08:00:00Z" }',
      'RANGE_INVALID',
    ],
    ['too large a page', `${RANGE} first: 10001`, 'RANGE_INVALID'],
    ['a negative page', `${RANGE} first: -1`, 'RANGE_INVALID'],
    ['a grain finer than the panes', `${RANGE} grain: SECOND`, 'GRAIN_NOT_EXPRESSIBLE'],
    ['a forged cursor', `${RANGE} after: "Zm9yZ2Vk"`, 'CURSOR_INVALID'],
    ['a cursor that is no text of cursors', `${RANGE} after: "'; DROP TABLE"`, 'CURSOR_INVALID'],
  ])('refuses %s', async (_, args, code) => {
    expect(await test.refusal(`{ bySensor(key: { sensor: { eq: "s1" } } ${args}) { totals { events } } }`)).toBe(code);
  });

  it('E22: refuses an answer that is older than the client takes', async () => {
    const query = `{ bySensor(key: { sensor: { eq: "s1" } } ${RANGE} maxStaleness: "5s") { freshness { health lag because } } }`;
    test.clock.nowMs = T0 + 5_000;
    expect((await test.query(query)).data.bySensor.freshness).toEqual({
      health: 'WARN',
      lag: '5s',
      because: 'partition 0: the speed layer has not been heard of since; it may be down',
    });
    test.clock.nowMs = T0 + 5_001;
    expect(await test.refusal(query)).toBe('TOO_STALE');
    expect(
      await test.refusal(query.replace('RANGE', '').replace('maxStaleness: "5s"', 'layer: BATCH maxStaleness: "1d"')),
    ).toBe('TOO_STALE');
  });

  it('refuses more rows than it reads at once, with their number', async () => {
    await test.api.close();
    test = await startApi(plant, { maxRows: 10 });
    const { errors } = await test.query(`{ plantMinute(${RANGE}) { nodes { events } } }`);
    expect(errors[0]?.extensions?.['code']).toBe('TOO_MANY_ROWS');
    expect(errors[0]?.message).toMatch(/has \d+ rows, and at most 10 are read/);
  });

  it('does not blank the other views when one is refused', async () => {
    const { data, errors } = await test.query(
      `{ bySensor(key: { sensor: { eq: "s1" } } ${RANGE} first: -1) { totals { events } } plantMinute(${RANGE}) { totals { events } } }`,
    );
    expect(data).toEqual({ bySensor: null, plantMinute: { totals: { events: '100' } } });
    expect(errors).toMatchObject([{ path: ['bySensor'], extensions: { code: 'RANGE_INVALID' } }]);
  });

  it('refuses a cursor of which any character was changed, and one of another query', async () => {
    const query = `query ($after: String) { bySensor(key: { sensor: { eq: "s1" } } ${RANGE} first: 2 after: $after) { pageInfo { endCursor } } }`;
    const cursor = String((await test.query(query)).data.bySensor.pageInfo['endCursor']);
    expect(await test.refusal(query, { after: cursor })).toBeUndefined();
    for (let at = 0; at < cursor.length; at += 3) {
      const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
      expect(await test.refusal(query, { after: changed })).toBe('CURSOR_INVALID');
    }
    expect(await test.refusal(query.replace('"s1"', '"s2"'), { after: cursor })).toBe('CURSOR_INVALID');
  });
});
