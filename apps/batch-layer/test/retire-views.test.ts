import { count, tumbling, view } from '@twofold/views';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { retire } from '../src/corrections/retire-views.ts';
import { correct, rebuilt, refusalOf, request, S1_IN_MINUTES_10_TO_20 } from './correcting.ts';
import {
  contentOf,
  control,
  events,
  liveEntry,
  never,
  perSensor,
  project,
  readings,
  START,
  surroundings,
  TOPIC,
} from './sample.ts';

const inAll = view('inAll', {
  from: readings,
  version: 1,
  dimensions: () => ({}),
  window: tumbling('1m'),
  measures: () => ({ readings: count() }),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }],
});

test('a view that is live and not declared any more blocks corrections of its stream until it is retired', async () => {
  const world = surroundings(5);
  await world.log.ensureTopic(TOPIC, { partitions: 2 });
  await world.log.append(TOPIC, events(200, 5));
  await new BatchLayer(project([perSensor, inAll]), world.ports).recompute([perSensor, inAll], never);
  const layer = new BatchLayer(project([perSensor]), world.ports);
  const asked = request('retract', S1_IN_MINUTES_10_TO_20);
  const refused: unknown = await layer.corrections.plan(asked, never).catch((error: unknown) => error);
  expect(String(refused)).toMatch(/View inAll of stream readings is in the live release.*twofold retire inAll/);
  const before = await control(world.store);
  expect(await refusalOf(retire(['perSensor'], project([perSensor]), world.ports, never))).toBe('RETIRE_REFUSED');
  expect(await refusalOf(retire(['none'], project([perSensor]), world.ports, never))).toBe('RETIRE_REFUSED');
  expect(await control(world.store)).toEqual(before);

  const { release, number } = await retire(['inAll'], project([perSensor]), world.ports, never);
  const row = await control(world.store);
  expect(row.live).toBe(release);
  expect(row.releases.at(-1)).toMatchObject({
    number,
    reason: 'RETIRED',
    entries: { perSensor: expect.any(String) as unknown },
  });
  const { result } = await correct(layer, asked);
  expect((await liveEntry(world.store)).corrections).toEqual([result.correction]);
  expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
});

test('what a retired view was made of goes once no kept release could put it back; declared again it is built anew', async () => {
  const world = surroundings(5);
  await world.log.ensureTopic(TOPIC, { partitions: 2 });
  await world.log.append(TOPIC, events(100, 5));
  const both = new BatchLayer(project([perSensor, inAll]), world.ports);
  await both.recompute([perSensor, inAll], never);
  const layer = new BatchLayer(project([perSensor]), world.ports);
  await retire(['inAll'], project([perSensor]), world.ports, never);
  const entries = async (): Promise<string[]> =>
    Object.values((await control(world.store)).entries).map(({ view: name }) => name);
  expect(await entries()).toContain('inAll');
  for (let i = 0; i < 6; i++) {
    await world.log.append(TOPIC, events(20, 20 + i, START + i * 1_000_000));
    await layer.recompute([perSensor], never);
  }
  expect(await entries()).not.toContain('inAll');
  await both.recompute([perSensor, inAll], never);
  expect(await contentOf(world.store, (await liveEntry(world.store, 'inAll')).build)).toEqual(
    await rebuilt(world, inAll),
  );
});
