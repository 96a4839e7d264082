import { registerCandidate } from '@twofold/releases';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { collect, emptyMemory } from '../src/collect.ts';
import { recomputeViews } from '../src/recompute-views.ts';
import * as sample from './sample.ts';
import { contentOf, control, events, foldSpeed, liveEntry, never, perSensor, TOPIC, type World } from './sample.ts';

const KEEP_TWO = { restorable: 2, candidateMs: 3_600_000 };

async function world(releases: number): Promise<World> {
  const around = sample.surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  const batch = new BatchLayer(sample.project(), around.ports);
  for (let i = 0; i < releases; i++) {
    await around.log.append(TOPIC, events(37, i, sample.START + i * 3_600_000));
    await batch.archiveAll(never);
    if (i > 0) await foldSpeed(around);
    await recomputeViews([perSensor], around.ports, never);
  }
  return around;
}

async function speedStarts({ store }: World): Promise<number[]> {
  const query = { view: perSensor.name, version: 1, partition: 0, buckets: null, startFrom: 0, startBelow: 1e9 };
  return [...new Set((await store.speedRows.read(query)).map((row) => row.start))].sort((a, b) => a - b);
}

test('E8 E14: what no restorable entry needs is removed, and what one needs stays readable to the byte', async () => {
  const around = await world(4);
  const { store } = around;
  const before = await control(store);
  const kept = Object.values(before.entries)
    .sort((a, b) => (b.cut[0] ?? 0) - (a.cut[0] ?? 0))
    .slice(0, 2);
  const contents = await Promise.all(kept.map((entry) => contentOf(store, entry.build)));
  const result = await collect(around.ports, never, KEEP_TWO);
  expect(result.buildsRemoved).toBe(2);
  const row = await control(store);
  expect(Object.keys(row.entries).sort()).toEqual(kept.map((entry) => entry.id).sort());
  expect(await Promise.all(kept.map((entry) => contentOf(store, entry.build)))).toEqual(contents);
  expect(contents.every((lines) => lines.length > 0)).toBe(true);
});

test('E8: the floor is raised to the lowest restorable cut, and rows below it are swept', async () => {
  const around = await world(4);
  const result = await collect(around.ports, never, KEEP_TWO);
  const floor = (await control(around.store)).floors['perSensor@1'];
  expect(floor).toEqual([111]);
  expect(result.rowsSwept).toBeGreaterThan(0);
  for (const start of await speedStarts(around)) expect(start).toBeGreaterThanOrEqual(111);
  const lanes = (await around.store.progress.read({ view: perSensor.name, version: 1 })).map((p) => p.lane);
  expect(lanes.filter((lane) => lane.startsWith('remainder:')).every((lane) => Number(lane.slice(10)) >= 111)).toBe(
    true,
  );
});

test('E8: a late write of a swept row stays invisible, and of a removed part too', async () => {
  const around = await world(4);
  const query = { view: perSensor.name, version: 1, partition: 0, buckets: null, startFrom: 0, startBelow: 111 };
  const old = await around.store.speedRows.read(query);
  const parts = (await around.store.parts.list()).parts;
  const chunks = new Map(
    await Promise.all(parts.map(async (part) => [part, await around.store.parts.directory(part)] as const)),
  );
  await collect(around.ports, never, KEEP_TWO);
  const kept = (await around.store.parts.list()).parts;
  const removed = parts.filter((part) => !kept.includes(part));
  expect(removed.length).toBeGreaterThan(0);
  expect(old.length).toBeGreaterThan(0);
  await around.store.speedRows.write(old);
  expect(await around.store.speedRows.read(query)).toEqual([]);
  for (const part of removed)
    await around.store.parts.writeChunks(
      part,
      (chunks.get(part) ?? []).map((c) => ({ ...c, bytes: new Uint8Array(1) })),
    );
  expect((await around.store.parts.list()).parts).toEqual(kept);
});

test('E14: parts and builds are listed before the control row is read', async () => {
  const around = await world(2);
  const calls: string[] = [];
  const store = {
    ...around.store,
    parts: {
      ...around.store.parts,
      list: async () => {
        calls.push('list');
        return around.store.parts.list();
      },
      remove: async (ids: Parameters<World['store']['parts']['remove']>[0]) => {
        calls.push('remove');
        await around.store.parts.remove(ids);
      },
    },
    control: {
      ...around.store.control,
      read: async () => {
        calls.push('row');
        return around.store.control.read();
      },
    },
  };
  await collect({ ...around.ports, store }, never, { ...KEEP_TWO, restorable: 1 });
  const at = calls.indexOf('list');
  expect(calls.slice(at, at + 2)).toEqual(['list', 'row']);
  expect(calls.indexOf('remove')).toBeGreaterThan(at + 1);
});

test('E14: parts of a registered candidate stay, index or not, until it is cancelled as stale', async () => {
  const around = await world(2);
  const row = await control(around.store);
  const base = await liveEntry(around.store);
  const candidate = {
    id: 'C',
    registeredAt: around.clock.now(),
    base: row.live,
    baseEntries: { [perSensor.name]: base.id },
    baseCorrections: { [sample.readings.name]: [] },
    entries: [{ ...base, id: 'C.e', build: 'C.e' }],
  };
  const next = registerCandidate(row, candidate);
  if (!next.ok) throw new RangeError(next.message);
  await around.store.control.compareAndSet(next.row);
  const chunk = { number: 0, rows: 1, sha256: '', firstKey: new Uint8Array(0), firstPane: 0, bytes: new Uint8Array(1) };
  await around.store.parts.writeChunks('C.perSensor.0', [chunk]);
  await collect(around.ports, never, KEEP_TWO);
  expect((await around.store.parts.list()).parts).toContain('C.perSensor.0');
  around.clock.pass(KEEP_TWO.candidateMs + 1);
  await collect(around.ports, never, KEEP_TWO);
  expect((await control(around.store)).candidates).toEqual([]);
  expect((await around.store.parts.list()).parts).not.toContain('C.perSensor.0');
});

test('E8: collecting again changes nothing', async () => {
  const around = await world(3);
  await collect(around.ports, never, KEEP_TWO);
  const { sequence } = await control(around.store);
  expect(await collect(around.ports, never, KEEP_TWO)).toEqual({
    ...{ partsRemoved: 0, buildsRemoved: 0, rowsSwept: 0, idsForgotten: 0 },
  });
  expect((await control(around.store)).sequence).toBe(sequence);
});

test('E14: ids of removed parts are kept while a run that planned before may write, then forgotten', async () => {
  const around = await world(4);
  const memory = emptyMemory();
  const collected = () => collect(around.ports, never, KEEP_TWO, memory);
  const parts = (await around.store.parts.list()).parts;
  const first = await collected();
  const removed = first.partsRemoved + first.buildsRemoved;
  expect([removed > 0, first.idsForgotten]).toEqual([true, 0]);
  around.clock.pass(KEEP_TWO.candidateMs - 1_000);
  expect((await collected()).idsForgotten).toBe(0);
  around.clock.pass(1_000);
  expect((await collected()).idsForgotten).toBe(removed);
  const kept = (await around.store.parts.list()).parts;
  const chunk = { number: 0, rows: 1, sha256: '', firstKey: new Uint8Array(0), firstPane: 0, bytes: new Uint8Array(1) };
  for (const part of parts.filter((id) => !kept.includes(id))) await around.store.parts.writeChunks(part, [chunk]);
  expect((await around.store.parts.list()).parts).toEqual(kept);
  await around.log.append(TOPIC, events(37, 9, sample.START + 9 * 3_600_000));
  expect((await new BatchLayer(sample.project(), around.ports).recompute([perSensor], never)).release).not.toBeNull();
});

test('E14: a registered candidate, however long it builds, is not shut out by what is forgotten', async () => {
  const around = await world(2);
  await around.log.append(TOPIC, events(37, 9, sample.START + 9 * 3_600_000));
  await new BatchLayer(sample.project(), around.ports).archiveAll(never);
  const memory = emptyMemory();
  const patient = { ...KEEP_TWO, candidateMs: 1_000 };
  let passes = 0;
  const store = {
    ...around.store,
    parts: {
      ...around.store.parts,
      writeChunks: async (...write: Parameters<World['store']['parts']['writeChunks']>) => {
        // Others promote, and the collector comes by again and again; the candidate stays registered.
        for (; passes < 5; passes++) {
          const row = await control(around.store);
          await around.store.control.compareAndSet({ ...row, sequence: row.sequence + 1 });
          around.clock.pass(2_000);
          const fresh = { ...row, candidates: row.candidates.map((c) => ({ ...c, registeredAt: around.clock.now() })) };
          await around.store.control.compareAndSet({ ...fresh, sequence: row.sequence + 2 });
          await collect(around.ports, never, patient, memory);
        }
        return around.store.parts.writeChunks(...write);
      },
    },
  };
  expect((await recomputeViews([perSensor], { ...around.ports, store }, never)).release).not.toBeNull();
  expect(passes).toBe(5);
});

test('a run that planned before the mark and registers after it is refused its parts, and can be repeated', async () => {
  const around = await world(2);
  await around.log.append(TOPIC, events(37, 9, sample.START + 9 * 3_600_000));
  await new BatchLayer(sample.project(), around.ports).archiveAll(never);
  const store = {
    ...around.store,
    parts: {
      ...around.store.parts,
      index: async (build: string) => {
        await around.store.parts.forgetRemoved('9');
        return around.store.parts.index(build);
      },
    },
  };
  const live = await liveEntry(around.store);
  await expect(recomputeViews([perSensor], { ...around.ports, store }, never)).rejects.toMatchObject({
    code: 'PART_DAMAGED',
    retryable: true,
  });
  expect(await liveEntry(around.store)).toEqual(live);
});
