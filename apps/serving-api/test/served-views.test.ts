import { count, max, sum, tumbling, view, type View } from '@twofold/views';
import { expect, it } from 'vitest';
import { apiOfServed, servedViews } from '../src/served-views.ts';
import { Plant, readings } from './plant.ts';

const declared = (name: string, version: number): View =>
  view(name, {
    from: readings,
    version,
    dimensions: (e) => ({ sensor: e.sensor }),
    window: tumbling('1m'),
    measures: (e) => ({ events: count(), own: version === 1 ? sum(e.value) : max(e.value) }),
    levels: { '1m': 'forever' },
    serve: [{ key: [] }],
  });
const [first, second, other] = [declared('changed', 1), declared('changed', 2), declared('other', 1)];

async function rowOf(views: readonly View[]) {
  const plant = new Plant(views);
  await plant.register();
  return plant.store.control.read();
}

it('E0: a view is served in the version that is live, where that is known', async () => {
  const row = await rowOf([first, other]);
  expect(servedViews([second, other], [first], row)).toEqual([first, other]);
  expect(servedViews([second, other], [], row)).toEqual([second, other]);
  expect(servedViews([first, other], [second], row)).toEqual([first, other]);
  expect(servedViews([second, other], [first], null)).toEqual([second, other]);
});

it('E17: requests are answered by the schema of what is live then, each made once', async () => {
  const rows = [await rowOf([first]), await rowOf([second]), await rowOf([first])];
  const made: number[] = [];
  let next = 0;
  const api = apiOfServed(
    { views: [second], former: [first] },
    () => Promise.resolve(rows[next++] ?? null),
    ([only]) => {
      made.push(only?.version ?? 0);
      return () => Promise.resolve({ status: 200, contentType: 'text/plain', body: `${only?.version}` });
    },
  );
  const call = { body: '', accept: '', signal: new AbortController().signal, operator: false };
  expect([await api(call), await api(call), await api(call)].map(({ body }) => body)).toEqual(['1', '2', '1']);
  expect(made).toEqual([2, 1]);
});
