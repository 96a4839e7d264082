import fc from 'fast-check';
import { cancelCandidate } from '@twofold/releases';
import { StoreError, type Parts, type ViewStore } from '@twofold/view-store';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { collect } from '../src/collect.ts';
import { recomputeViews } from '../src/recompute-views.ts';
import * as sample from './sample.ts';
import { contentOf, control, DAY_MS, event, events, liveEntry, never, perSensor, START, type World } from './sample.ts';

async function world(count = 100): Promise<World> {
  const around = sample.surroundings();
  await around.log.ensureTopic(sample.TOPIC, { partitions: 2 });
  await around.log.append(sample.TOPIC, events(count, 5));
  return around;
}

function layer(around: World, views = [perSensor]): BatchLayer {
  return new BatchLayer(sample.project(views), around.ports);
}

async function content(around: World): Promise<string[]> {
  return contentOf(around.store, (await liveEntry(around.store)).build);
}

test('E15: the first run promotes release 1 at the archive ends; a second with nothing new gives none', async () => {
  const around = await world();
  const result = await layer(around).recompute([perSensor], never);
  expect(result.release).not.toBeNull();
  const row = await control(around.store);
  expect(row.releases.at(-1)).toMatchObject({ id: result.release, number: 1, reason: 'PROMOTED' });
  expect(row.candidates).toEqual([]);
  const ends = (await around.log.partitions(sample.TOPIC)).map((range) => range.end);
  expect((await liveEntry(around.store)).cut).toEqual(ends);
  const before = row.sequence;
  expect(await layer(around).recompute([perSensor], never)).toEqual({ release: null, views: [], facts: {} });
  expect((await control(around.store)).sequence).toBe(before);
});

test('E14: only parts that hold an event between the cuts are built again, whatever its event time', async () => {
  const around = await world();
  const batch = layer(around);
  await batch.recompute([perSensor], never);
  await around.log.append(sample.TOPIC, [event('s1', START + 5 * DAY_MS, 1)]);
  const next = await batch.recompute([perSensor], never);
  expect(next.facts).toMatchObject({ partsBuilt: 1, events: 1 });
  expect(next.facts['partsShared']).toBeGreaterThan(0);
  // A very late event: its old part is dirty, the others are shared.
  await around.log.append(sample.TOPIC, [event('s1', START + 1, 9)]);
  const late = await batch.recompute([perSensor], never);
  expect(late.facts).toMatchObject({ partsBuilt: 1, partsShared: 1, events: 1 });
});

test('E14: a build by steps and a build in one go are equal byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 50 }),
      async (steps, seed) => {
        const count = steps.reduce((sum, n) => sum + n, 0);
        // Two days apart, so that steps share parts.
        const all = events(count, seed).concat(events(count, seed + 1, START + 2 * DAY_MS));
        const stepwise = await world(0);
        let at = 0;
        for (const step of [...steps, all.length]) {
          await stepwise.log.append(sample.TOPIC, all.slice(at, at + step));
          at += step;
          await layer(stepwise).recompute([perSensor], never);
        }
        const whole = await world(0);
        await whole.log.append(sample.TOPIC, all);
        await layer(whole).recompute([perSensor], never);
        expect(await content(stepwise)).toEqual(await content(whole));
      },
    ),
    { numRuns: 15 },
  );
});

test('E14: a new view version shares nothing and is built from the origin', async () => {
  const around = await world();
  await layer(around).recompute([perSensor], never);
  const second = sample.sensorView(2, 'most');
  const result = await layer(around, [second]).recompute([second], never);
  expect(result.facts).toMatchObject({ partsShared: 0 });
  expect(result.facts['partsBuilt']).toBeGreaterThan(0);
  expect(await liveEntry(around.store)).toMatchObject({ version: 2, fingerprint: second.fingerprint });
});

/** The store with some calls of its parts replaced. */
function withParts(store: ViewStore, parts: Partial<Parts>): ViewStore {
  return { ...store, parts: { ...store.parts, ...parts } };
}

test('E15: a candidate that fails is given up: cancelled, nothing deleted, the served release stays', async () => {
  const around = await world();
  await layer(around).recompute([perSensor], never);
  const before = await liveEntry(around.store);
  await around.log.append(sample.TOPIC, events(30, 9));
  await layer(around).archiveAll(never);
  const damaging = withParts(around.store, { chunk: async () => new Uint8Array([1, 2, 3]) });
  await expect(recomputeViews([perSensor], { ...around.ports, store: damaging }, never)).rejects.toMatchObject({
    code: 'PART_DAMAGED',
  });
  const row = await control(around.store);
  expect(row.candidates).toEqual([]);
  expect(await liveEntry(around.store)).toEqual(before);
  expect((await layer(around).recompute([perSensor], never)).release).not.toBeNull();
});

test('E15: a store that passes by is waited for, and the run succeeds', async () => {
  const around = await world();
  let failures = 6;
  const shaky = withParts(around.store, {
    writeChunks: async (part, chunks) => {
      await around.store.parts.writeChunks(part, chunks);
      if (failures-- > 0) throw new StoreError('STORE_UNAVAILABLE', 'not now', { retryable: true });
    },
  });
  const batch = new BatchLayer(sample.project(), { ...around.ports, store: shaky });
  expect((await batch.recompute([perSensor], never)).release).not.toBeNull();
});

test('E15: a candidate that somebody cancels while it is built is not promoted, and deletes nothing', async () => {
  const around = await world();
  await layer(around).archiveAll(never);
  let listed: readonly string[] = [];
  const cancelling = withParts(around.store, {
    writeIndex: async (index) => {
      await around.store.parts.writeIndex(index);
      const row = await control(around.store);
      const cancelled = cancelCandidate(row, row.candidates[0]?.id ?? '');
      if (cancelled.ok) await around.store.control.compareAndSet(cancelled.row);
      listed = (await around.store.parts.list()).parts;
    },
  });
  await expect(recomputeViews([perSensor], { ...around.ports, store: cancelling }, never)).rejects.toMatchObject({
    code: 'CANDIDATE_LOST',
    retryable: true,
  });
  expect((await around.store.parts.list()).parts).toEqual(listed);
  expect((await liveEntry(around.store)).build).toBeNull();
  expect((await recomputeViews([perSensor], around.ports, never)).release).not.toBeNull();
});

test('E0 E15: of two runs at once one is promoted, and the other is refused or finds nothing to do', async () => {
  const around = await world();
  await layer(around).archiveAll(never);
  const results = await Promise.allSettled([1, 2].map(() => recomputeViews([perSensor], around.ports, never)));
  const promoted = results.filter((r) => r.status === 'fulfilled' && r.value.release !== null);
  expect(promoted.length).toBe(1);
  for (const result of results)
    if (result.status === 'rejected')
      expect(result.reason).toMatchObject({ code: 'CANDIDATE_REFUSED', retryable: true });
  const row = await control(around.store);
  expect(row.candidates).toEqual([]);
  expect(row.releases.length).toBe(2);
});

test('E12: a damaged archive file is not folded; the run names it and the served release stays', async () => {
  const around = await world();
  await layer(around).recompute([perSensor], never);
  const before = await liveEntry(around.store);
  await around.log.append(sample.TOPIC, [event('s1', START + 3, 1)]);
  await layer(around).archiveAll(never);
  for (const file of (await around.archive.head(sample.readings.name)).files) {
    const stored = around.stored.get(file.name);
    if (stored !== undefined) stored[stored.length - 1] = (stored.at(-1) ?? 0) ^ 1;
  }
  await expect(recomputeViews([perSensor], around.ports, never)).rejects.toMatchObject({ code: 'SOURCE_DAMAGED' });
  expect(await liveEntry(around.store)).toEqual(before);
  expect((await control(around.store)).candidates).toEqual([]);
});

test('E13: a build that meets a hole refuses and names partition and range; the served release stays', async () => {
  const around = await world();
  await layer(around).recompute([perSensor], never);
  const before = await liveEntry(around.store);
  for (const batch of [7, 8]) {
    await around.log.append(sample.TOPIC, events(40, batch));
    await layer(around).archiveAll(never);
  }
  const state = await around.archive.head(sample.readings.name);
  const missing = state.files.filter((file) => file.partition === 0).at(-2);
  if (missing === undefined) throw new RangeError('too few files');
  const holed = { ...state, files: state.files.filter((file) => file !== missing) };
  const archive = { ...around.archive, head: async () => holed };
  await expect(recomputeViews([perSensor], { ...around.ports, archive }, never)).rejects.toMatchObject({
    code: 'COVERAGE_HOLE',
    facts: { partition: 0, from: missing.from, to: await archiveEnd(around) },
  });
  expect(await liveEntry(around.store)).toEqual(before);
});

/** Where the archive of partition 0 ends. */
async function archiveEnd(around: World): Promise<number> {
  const state = await around.archive.head(sample.readings.name);
  return Math.max(...state.files.filter((file) => file.partition === 0).map((file) => file.to));
}

test('E14: the index of a base that is gone is an error, not an empty past', async () => {
  const around = await world();
  await layer(around).recompute([perSensor], never);
  const { build } = await liveEntry(around.store);
  await around.store.parts.remove({ parts: [], builds: [build ?? ''] });
  await around.log.append(sample.TOPIC, events(10, 7, START + DAY_MS));
  await layer(around).archiveAll(never);
  await expect(recomputeViews([perSensor], around.ports, never)).rejects.toMatchObject({
    code: 'PART_DAMAGED',
    retryable: false,
  });
});

test('E14: a base that was replaced and collected while a run planned is tried again, on the live one', async () => {
  const around = await world();
  const batch = layer(around);
  await batch.recompute([perSensor], never);
  const { build } = await liveEntry(around.store);
  await around.log.append(sample.TOPIC, events(10, 7, START + DAY_MS));
  await batch.archiveAll(never);
  // Between the slow run's look at the control row and its look at the base's index.
  const overtaken = withParts(around.store, {
    index: async (id) => {
      if (id === build) {
        await recomputeViews([perSensor], around.ports, never);
        await collect(around.ports, never, { restorable: 1, candidateMs: 3_600_000 });
      }
      return around.store.parts.index(id);
    },
  });
  await expect(recomputeViews([perSensor], { ...around.ports, store: overtaken }, never)).rejects.toMatchObject({
    code: 'BASE_COLLECTED',
    retryable: true,
  });
  expect((await control(around.store)).candidates).toEqual([]);
  await around.log.append(sample.TOPIC, events(10, 8, START + DAY_MS));
  expect((await batch.recompute([perSensor], never)).release).not.toBeNull();
});
