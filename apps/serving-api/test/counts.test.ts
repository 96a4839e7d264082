import { count, countBy, first, histogram, last, ratio, reducer, tumbling, view } from '@twofold/views';
import { afterEach, expect, it } from 'vitest';
import { schemaText } from '../src/index.ts';
import { startApi, type Row } from './api-client.ts';
import { Plant, readings, T0, type Event } from './plant.ts';

const MINUTE = 60_000;
const kinds = view('kinds', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: (e) => ({
    events: count(),
    opened: first(e.value),
    closed: last(e.value),
    spread: histogram(e.value, [0, 2, 10]),
    values: countBy(e.value, { atMost: 2 }),
    share: ratio(e.value, e.value),
    longest: reducer({
      of: { sensor: e.sensor },
      zero: '',
      lift: ({ sensor }) => sensor,
      plus: (a, b) => (a > b ? a : b),
      shows: 'text',
      present: (state) => `<${state}>`,
    }),
  }),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }],
});

/** `lift` makes nothing of an event above 100. */
const picky = view('picky', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: (e) => ({
    events: count(),
    own: reducer({
      of: { value: e.value },
      zero: 0,
      lift: ({ value }) => (value === 123 ? 0.5 : value),
      plus: (a, b) => a + b,
      shows: 'number',
      present: (state) => state,
    }),
  }),
  levels: { '1m': 'forever' },
  serve: [{ key: ['sensor'] }],
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const api of opened.splice(0)) await api.close();
});

async function asked(events: readonly Event[], below: string): Promise<Row> {
  const plant = new Plant([kinds]);
  plant.log[0]?.push(...events);
  await plant.register();
  await plant.foldBase(0, events.length);
  await plant.promote([4, 0], 'r1');
  const { api, query } = await startApi(plant, { views: [kinds] });
  opened.push(api);
  const range = `timeRange: {from: "${new Date(T0).toISOString()}", to: "${new Date(T0 + MINUTE).toISOString()}"}`;
  const { data, errors } = await query(`{ field: kinds(${range}) { ${below} } }`);
  expect(errors).toEqual([]);
  return (data as unknown as { readonly field: Row }).field;
}

/** Values of one sensor, in order of time; the cut of batch and speed lies among them. */
const eventsOf = (values: readonly number[]): Event[] =>
  values.map((value, n) => ({ sensor: 's', n, atMs: T0 + n * 1_000, value }));

it('places, bins and counts are answered over both layers, in rows and in totals', async () => {
  const all =
    'events opened closed spread values { total overflowed values top(first: 1) { value count } } share longest';
  const answer = await asked(eventsOf([3, 1, 3, 3, 1, 3]), `nodes { ${all} } totals { ${all} }`);
  const row = {
    ...{ events: '6', opened: '3', closed: '3', spread: ['0', '2', '4', '0'], share: 1, longest: '<s>' },
    values: { total: '6', overflowed: false, values: 2, top: [{ value: '3', count: '4' }] },
  };
  expect(answer).toEqual({ nodes: [row], totals: row });
});

it('an answer says that there were too many values to count, and how many events had one', async () => {
  const values = 'values { total overflowed values top { value count } }';
  const answer = await asked(eventsOf([3, 1, 3, 3, 2, 3]), `nodes { ${values} }`);
  expect(answer).toEqual({ nodes: [{ values: { total: '6', overflowed: true, values: 0, top: null } }] });
});

it('rows of plain values beside a list are written as they were', async () => {
  const events = eventsOf([3, 1, 3, 3, 1, 3]);
  expect(await asked(events, 'nodes { opened closed longest }')).toEqual({
    nodes: [{ opened: '3', closed: '3', longest: '<s>' }],
  });
  expect(await asked(events, 'nodes { spread }')).toEqual({ nodes: [{ spread: ['0', '2', '4', '0'] }] });
});

it('E22: a reducer that made nothing of an event is told where its value is asked for, and nowhere else', async () => {
  const plant = new Plant([picky]);
  const wrong = { sensor: 'bad', n: 9, atMs: T0 + 9_000, value: 123 };
  plant.log[0]?.push(...eventsOf([3, 1]), wrong, ...eventsOf([4, 5, 6]).map((each) => ({ ...each, n: each.n + 20 })));
  await plant.register();
  await plant.foldBase(0, 6);
  await plant.promote([4, 0], 'r1');
  const { api, query } = await startApi(plant, { views: [picky] });
  opened.push(api);
  const range = `timeRange: {from: "${new Date(T0).toISOString()}", to: "${new Date(T0 + MINUTE).toISOString()}"}`;
  const of = (sensor: string, below: string) =>
    query(`{ field: picky(key: {sensor: {eq: "${sensor}"}}, ${range}) { ${below} } }`);
  expect((await of('s', 'nodes { events own }')).data).toEqual({ field: { nodes: [{ events: '5', own: 19 }] } });
  expect((await of('bad', 'nodes { events }')).data).toEqual({ field: { nodes: [{ events: '1' }] } });
  for (const below of ['nodes { own }', 'totals { own }']) {
    const { errors } = await of('bad', below);
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(
          'measure own: the lift of its reducer gave what is no state for the event at partition 0, offset 2',
        ) as string,
        extensions: { code: 'REDUCER_FAILED' },
      },
    ]);
  }
});

it('the schema tells what they are, and orders by none that is a list', () => {
  const sdl = schemaText([kinds], [readings]);
  expect(sdl).toContain('spread: [BigInt!]!');
  expect(sdl).toContain('values: KindsValuesCounts!');
  expect(sdl).toContain('top(');
  expect(sdl).toContain('Values by bin: below 0, 2, 10, and at or above it.');
  const order = /enum KindsOrderField \{([^}]*)\}/.exec(sdl)?.[1] ?? '';
  expect(order).toContain('OPENED');
  expect(order).not.toContain('SPREAD');
  expect(order).not.toContain('VALUES');
});
