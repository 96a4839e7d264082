import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { recomputeViews } from '../src/recompute-views.ts';
import * as sample from './sample.ts';
import { control, events, foldSpeed, liveEntry, never, perSensor, type World } from './sample.ts';

const PATIENCE_MS = 30_000;

/** A live release whose speed rows go on to the log's end, inside a slice of each partition. */
async function servedToTheEnd(): Promise<World> {
  const around = sample.surroundings();
  await around.log.ensureTopic(sample.TOPIC, { partitions: 2 });
  await around.log.append(sample.TOPIC, events(100, 5));
  const batch = new BatchLayer(sample.project(), around.ports);
  await batch.recompute([perSensor], never);
  await around.log.append(sample.TOPIC, events(60, 6));
  await batch.archiveAll(never);
  await foldSpeed(around);
  return around;
}

/** A cut that the served answers have passed, inside a slice. */
const insideSlice = (_: unknown, __: number, from: number, archived: number): number =>
  Math.max(from, archived - 1 - ((archived - 1) % sample.SLICE === 0 ? 1 : 0));

test('X3: a candidate is promoted once its remainders reach what the served release answers', async () => {
  const around = await servedToTheEnd();
  let sleeps = 0;
  const clock = {
    ...around.clock,
    sleep: async (ms: number, signal?: AbortSignal) => {
      if (++sleeps === 3) await foldSpeed(around);
      await around.clock.sleep(ms, signal);
    },
  };
  const options = { chooseCut: insideSlice };
  const { release } = await recomputeViews([perSensor], { ...around.ports, clock }, never, options);
  expect((await control(around.store)).live).toBe(release);
  expect(sleeps).toBe(3);
});

test('E15 X3: a candidate whose remainders lag is given up after half a minute; the served release stays', async () => {
  const around = await servedToTheEnd();
  const before = await liveEntry(around.store);
  const begun = around.clock.monotonic();
  await expect(recomputeViews([perSensor], around.ports, never, { chooseCut: insideSlice })).rejects.toMatchObject({
    code: 'SPEED_BEHIND',
    retryable: true,
    facts: { view: 'perSensor', partition: 0 },
  });
  expect(around.clock.monotonic() - begun).toBeGreaterThan(PATIENCE_MS);
  expect(await liveEntry(around.store)).toEqual(before);
  expect((await control(around.store)).candidates).toEqual([]);
});

test('X3: the next run is not kept waiting by a speed layer that is down: its cut is at the archive’s end', async () => {
  const around = await servedToTheEnd();
  await around.log.append(sample.TOPIC, events(30, 7));
  const begun = around.clock.monotonic();
  const { release } = await new BatchLayer(sample.project(), around.ports).recompute([perSensor], never);
  expect((await control(around.store)).live).toBe(release);
  expect(around.clock.monotonic() - begun).toBeLessThan(PATIENCE_MS / 10);
});

test('X3: a new version of a view is promoted only once its own lanes reach what the old one answers', async () => {
  const around = await servedToTheEnd();
  const second = sample.sensorView(2, 'most');
  const options = { chooseCut: insideSlice };
  await expect(recomputeViews([second], around.ports, never, options)).rejects.toMatchObject({ code: 'SPEED_BEHIND' });
  let folded = false;
  const clock = {
    ...around.clock,
    sleep: async (ms: number, signal?: AbortSignal) => {
      if (!folded) await foldSpeed(around, second);
      folded = true;
      await around.clock.sleep(ms, signal);
    },
  };
  const { release } = await recomputeViews([second], { ...around.ports, clock }, never, options);
  expect(release).not.toBeNull();
  expect(await liveEntry(around.store)).toMatchObject({ version: 2 });
});
