import fc from 'fast-check';
import { count, max, min, sum, tumbling, view, type View } from '@twofold/views';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { inBuildingOrder } from '../src/other-views.ts';
import { recomputeViews } from '../src/recompute-views.ts';
import * as sample from './sample.ts';
import { contentOf, DAY_MS, events, liveEntry, never, START } from './sample.ts';

type Messages = ReturnType<typeof events>;

const common = { from: sample.readings, version: 1, serve: [{ key: [] }] } as const;
const hours = { window: tumbling('20m'), levels: { '20m': 'forever', '1h': 'forever' } } as const;
const days = { window: tumbling('1d'), levels: { '1d': 'forever' } } as const;

const total = view('total', { ...common, ...days, dimensions: () => ({}), measures: () => ({ readings: count() }) });
const bySign = view('bySign', {
  ...{ ...common, ...hours },
  dimensions: (e) => ({ low: e.value.lessThan(0.3) }),
  measures: (e) => ({ total: sum(e.value), readings: count() }),
});
const bySensor = view('bySensor', {
  ...{ ...common, ...hours },
  dimensions: (e) => ({ sensor: e.sensor }),
  measures: (e) => ({ most: max(e.value), readings: count() }),
});
const bySensorAndSign = view('bySensorAndSign', {
  ...{ ...common, ...hours },
  dimensions: (e) => ({ sensor: e.sensor, low: e.value.lessThan(0.3) }),
  measures: (e) => ({ readings: count(), total: sum(e.value), most: max(e.value) }),
});
/** Of what no other holds. */
const least = view('least', {
  ...{ ...common, ...hours },
  dimensions: (e) => ({ sensor: e.sensor }),
  measures: (e) => ({ least: min(e.value) }),
});
/** Of those events of which another view has all, by sensor. */
const ofOneSensor = view('ofOneSensor', {
  ...{ ...common, ...days },
  where: (e) => e.sensor.equals('s1'),
  dimensions: () => ({}),
  measures: (e) => ({ readings: count(), most: max(e.value) }),
});
/** Of other events. */
const lows = view('lows', {
  ...{ ...common, ...hours },
  where: (e) => e.value.lessThan(0.3),
  dimensions: (e) => ({ sensor: e.sensor }),
  measures: () => ({ readings: count() }),
});
/** Of fewer of those. */
const lowsOfTwo = view('lowsOfTwo', {
  ...{ ...common, ...hours },
  where: (e) => e.sensor.isOneOf(['s0', 's2']).and(e.value.lessThan(0.3)),
  dimensions: () => ({}),
  measures: () => ({ readings: count() }),
});
const views: readonly View[] = [ofOneSensor, lowsOfTwo, total, bySign, bySensor, lows, least, bySensorAndSign];

async function built(of: readonly View[], steps: readonly Messages[]) {
  const around = sample.surroundings();
  await around.log.ensureTopic(sample.TOPIC, { partitions: 2 });
  const layer = new BatchLayer(sample.project(of), around.ports);
  let recordsRead = 0;
  for (const step of steps) {
    await around.log.append(sample.TOPIC, step);
    const { facts } = await layer.recompute(of, never);
    recordsRead += facts['recordsRead'] ?? 0;
  }
  const lines = new Map<string, string[]>();
  for (const { name } of of)
    lines.set(name, await contentOf(around.store, (await liveEntry(around.store, name)).build));
  return { recordsRead, lines };
}

test('E14: views that are built together are each what they are alone, byte for byte', async () => {
  const step = fc.record({
    many: fc.integer({ min: 1, max: 300 }),
    day: fc.integer({ min: 0, max: 20 }),
    seed: fc.nat(99),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (some) => {
      const steps = some.map(({ many, day, seed }) => events(many, seed, START + day * DAY_MS));
      const together = await built(views, steps);
      for (const each of views)
        expect(together.lines.get(each.name)).toEqual((await built([each], [steps.flat()])).lines.get(each.name));
    }),
    { numRuns: 25 },
  );
});

test('E14: what a view determines is summed from it, and the archive is read for what nothing determines', async () => {
  const steps = [events(500, 7)];
  const { recordsRead } = await built(views, steps);
  let apart = 0;
  for (const each of [bySensorAndSign, lows, least]) apart += (await built([each], steps)).recordsRead;
  expect(recordsRead).toBe(apart);
});

test('E14: a view is not summed from one that stands at another cut', async () => {
  const around = sample.surroundings();
  await around.log.ensureTopic(sample.TOPIC, { partitions: 2 });
  await around.log.append(sample.TOPIC, events(500, 7));
  const layer = new BatchLayer(sample.project(views), around.ports);
  await layer.archiveAll(never);
  const chooseCut = (of: View, _: number, from: number, archived: number): number =>
    of === bySensorAndSign ? Math.floor((from + archived) / 2) : archived;
  await recomputeViews(views, around.ports, never, { chooseCut });
  const { build } = await liveEntry(around.store, bySensor.name);
  const alone = (await built([bySensor], [events(500, 7)])).lines.get(bySensor.name);
  expect(await contentOf(around.store, build)).toEqual(alone);
});

test('views come after those that may determine them', () => {
  const works = views.map((each) => ({ view: each, entry: null as never, plan: null as never }));
  expect(inBuildingOrder(works).map((work) => work.view.name)).toEqual([
    ...['bySensorAndSign', 'bySign', 'bySensor', 'least', 'lows', 'ofOneSensor', 'lowsOfTwo', 'total'],
  ]);
});
