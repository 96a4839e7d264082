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
