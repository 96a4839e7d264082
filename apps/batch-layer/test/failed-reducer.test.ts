import { count, reducer, tumbling, view } from '@twofold/views';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { correct, rebuilt, request } from './correcting.ts';
import * as sample from './sample.ts';
import { contentOf, event, events, foldSpeed, liveEntry, never, project, readings, START, TOPIC } from './sample.ts';
import type { World } from './sample.ts';

/** `lift` makes nothing of 70.07. */
const picky = view('picky', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: (e) => ({
    readings: count(),
    own: reducer({
      of: { value: e.value },
      zero: 0,
      lift: ({ value }) => (value === 7007 ? 0.5 : value),
      plus: (a, b) => a + b,
      shows: 'number',
      present: (state) => state,
    }),
  }),
  levels: { '1m': 'forever' },
  serve: [{ key: ['sensor'] }],
});

const FIRST = START + 9_000;
const SECOND = START + 12_000;
const sound = [...events(80, 3), event('bad', START + 5_000, 2), ...events(80, 4, START + 600_000)];
/** Two that fail for one key and minute, and a copy of the first, which repeats it. */
const failing = [event('bad', FIRST, 70.07), event('bad', SECOND, 70.07), event('bad', FIRST, 70.07)];

async function worldOf(sent: typeof sound): Promise<{ readonly world: World; readonly layer: BatchLayer }> {
  const world = sample.surroundings(5);
  await world.log.ensureTopic(TOPIC, { partitions: 2 });
  await world.log.append(TOPIC, sent);
  const layer = new BatchLayer(project([picky]), world.ports);
  await layer.recompute([picky], never);
  await foldSpeed(world, picky);
  return { world, layer };
}

const contentNow = async ({ store }: World): Promise<string[]> =>
  contentOf(store, (await liveEntry(store, picky.name)).build);

const failuresIn = (bytes: string): readonly string[] => bytes.match(/!lift \d+ \d+ gave/g) ?? [];

/** What the live build says of events that `lift` made nothing of. */
async function failures(world: World): Promise<readonly string[]> {
  const bytes = (await contentNow(world)).map((line) => Buffer.from(line.split(' ').at(-1) ?? '', 'hex'));
  return failuresIn(bytes.map((each) => each.toString('latin1')).join('\n'));
}

/** The same of the speed rows that are added to it. */
async function failuresAbove({ store }: World): Promise<readonly string[]> {
  const { cut } = await liveEntry(store, picky.name);
  const found = await Promise.all(
    cut.map((startFrom, partition) => {
      const of = { view: picky.name, version: picky.version, partition, buckets: null };
      return store.speedRows.read({ ...of, startFrom, startBelow: Infinity });
    }),
  );
  return found.flat().flatMap(({ bytes }) => failuresIn(Buffer.from(bytes).toString('latin1')));
}

const retract = (layer: BatchLayer, at: number) =>
  correct(layer, request('retract', { eventTime: { from: at, to: at + 1 } }));

test('E22: with the events retracted that a reducer made nothing of, one after the other, its partial is sound again on both sides; taken back, it is not', async () => {
  const { world, layer } = await worldOf([...sound.slice(0, 81), ...failing, ...sound.slice(81)]);
  const [first, ...others] = await failures(world);
  expect([first, others]).toEqual([expect.stringMatching(/^!lift [01] \d+ gave$/), []]);

  await retract(layer, FIRST);
  // Its copy stays a duplicate: what is named now is the other event.
  const [second, ...more] = await failures(world);
  expect([second, more]).toEqual([expect.stringMatching(/^!lift [01] \d+ gave$/), []]);
  expect(Number(second?.split(' ')[2])).toBe(Number(first?.split(' ')[2]) + 1);

  const last = await retract(layer, SECOND);
  await foldSpeed(world, picky);
  expect([await failures(world), await failuresAbove(world)]).toEqual([[], []]);
  expect(await contentNow(world)).toEqual(await rebuilt(world, picky));
  expect(await contentNow(world)).toEqual(await contentNow((await worldOf(sound)).world));

  // Both layers agree on what comes, and on slices with the failure itself, which only corrections take away.
  await world.log.append(TOPIC, [...events(60, 8, START + 1_200_000), event('bad', START + 1_300_000, 70.07)]);
  await foldSpeed(world, picky);
  expect(await failuresAbove(world)).toHaveLength(1);
  const { facts } = await layer.recompute([picky], never);
  expect(facts['slicesCompared']).toBeGreaterThan(0);
  expect(await failures(world)).toHaveLength(1);
  await retract(layer, START + 1_300_000);
  expect([await failures(world), await failuresAbove(world)]).toEqual([[], []]);

  const note = { ...request('restate', {}), idempotencyKey: 'back' };
  const plan = await layer.corrections.planRevert(last.result.correction ?? '', note, never);
  await layer.corrections.apply(plan.id, { fingerprint: plan.fingerprint, gates: [], preview: false }, never);
  expect(await failures(world)).toEqual([second]);
});
