import { count, max, min, sum, tumbling, view, type View } from '@twofold/views';
import { expect, test } from 'vitest';
import { mergeOnce } from '../src/merge-slices.ts';
import { runSpeedLayer } from '../src/speed-layer.ts';
import { events, perSensor, readings, registered, rowsOf, surroundings, TOPIC } from './sample.ts';

const rest = {
  from: readings,
  window: tumbling('1m'),
  levels: { '1m': 'forever' },
  serve: [{ key: ['sensor'] }],
} as const;

/** The same name and version, another meaning. */
const changes: readonly (readonly [string, View])[] = [
  [
    'its condition',
    view('perSensor', {
      ...rest,
      version: 1,
      where: (e) => e.value.greaterThan(5),
      dimensions: (e) => ({ sensor: e.sensor }),
      measures: (e) => ({ readings: count(), total: sum(e.value), most: max(e.value) }),
    }),
  ],
  [
    'a measure',
    view('perSensor', {
      ...rest,
      version: 1,
      dimensions: (e) => ({ sensor: e.sensor }),
      measures: (e) => ({ readings: count(), total: sum(e.value), most: min(e.value) }),
    }),
  ],
];

/** Runs a speed layer that was deployed with its own declarations, for a second and a half. */
async function runFor(views: readonly View[]) {
  const { log, store, clock, logger } = surroundings();
  await log.ensureTopic(TOPIC, { partitions: 1 });
  await registered(log, store);
  await log.append(TOPIC, events(60, 3));
  const stop = new AbortController();
  const task = { streams: [{ stream: readings, topic: TOPIC }], views };
  const layer = runSpeedLayer(task, { log, store, clock, logger }, stop.signal);
  for (let at = 0; at < 1_500; at += 50) await clock.advance(50);
  const incidents = layer.incidents;
  const merged = await mergeOnce([readings], views, { log, store, clock, logger }, stop.signal);
  stop.abort();
  for (let at = 0; at < 500; at += 50) await clock.advance(50);
  await layer.done;
  return { incidents, merged, rows: await rowsOf(store) };
}

test.each(changes)(
  'E4: a program that changed %s under the same version folds nothing, and says why',
  async (_, changed) => {
    const { incidents, merged, rows } = await runFor([changed]);
    expect(incidents).toMatchObject([{ stream: 'readings', partition: 0, code: 'VIEW_DIFFERS' }]);
    expect(incidents[0]?.message).toContain(changed.fingerprint);
    expect(incidents[0]?.message).toContain(perSensor.fingerprint);
    expect([merged, rows]).toEqual([0, []]);
  },
);

test('a new version beside the registered one is no difference, and neither are other words and access paths', async () => {
  const same = view('perSensor', {
    ...rest,
    version: 1,
    description: 'Said in other words.',
    serve: [{ key: ['sensor'] }, { key: [] }],
    dimensions: (e) => ({ sensor: e.sensor }),
    measures: (e) => ({ readings: count(), total: sum(e.value), most: max(e.value) }),
  });
  expect(same.fingerprint).toBe(perSensor.fingerprint);
  const next = view('perSensor', {
    ...rest,
    version: 2,
    dimensions: (e) => ({ sensor: e.sensor }),
    measures: () => ({ readings: count() }),
  });
  const { incidents, rows } = await runFor([next, same]);
  expect(incidents).toEqual([]);
  expect(rows.length).toBeGreaterThan(0);
});
