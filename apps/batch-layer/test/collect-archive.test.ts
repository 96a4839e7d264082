import { createMemoryArchive, createMemoryBlobs, type ArchiveFile, type ColumnArchive } from '@twofold/archive';
import { createJsEngine } from '@twofold/batch-engine';
import { registerCandidate } from '@twofold/releases';
import { createClassifier, createDecoder } from '@twofold/schemas';
import { seededRng } from '@twofold/service/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogArchiver } from '../src/archive-log.ts';
import { BatchLayer } from '../src/batch-layer.ts';
import { ArchiveCollector } from '../src/collect-archive.ts';
import { compactArchive } from '../src/compact-archive.ts';
import { recomputeViews } from '../src/recompute-views.ts';
import * as sample from './sample.ts';
import { control, events, liveEntry, never, perSensor, readings, TOPIC, type World } from './sample.ts';

const GRACE_MS = 10_000;
const MERGE_ALL = { maxRecords: 10_000, maxBytes: 1 << 30, minFiles: 2 };
const STREAMS = [readings.name];

/** An archive of `count` positions in files of ten. */
async function world(count = 60): Promise<World> {
  const around = sample.surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.append(TOPIC, events(count, 5));
  await layer(around).archiveAll(never);
  return around;
}

function layer(around: World): BatchLayer {
  const archive = { fileRecords: 10, readBytes: 1 << 20 };
  return new BatchLayer(sample.project(), around.ports, {
    ...{ archiveMs: 1_000, archive, schedule: '* * * * *', compaction: MERGE_ALL },
    ...{ collect: { restorable: 5, candidateMs: 3_600_000 }, archiveCollect: { graceMs: GRACE_MS } },
  });
}

async function grow(around: World, count = 10): Promise<void> {
  await around.log.append(TOPIC, events(count, around.stored.size));
  await layer(around).archiveAll(never);
}

const collectorOf = ({ ports }: World): ArchiveCollector => new ArchiveCollector(ports, { graceMs: GRACE_MS });

function dataFiles({ stored }: World): string[] {
  return [...stored.keys()].filter((name) => name.includes('/p0000/')).sort();
}

async function namedFiles({ archive }: { archive: ColumnArchive }): Promise<string[]> {
  return (await archive.head(readings.name)).files.map((file) => file.name).sort();
}

/** Every position is there, once, and every file is what its manifest says. */
async function expectWhole(around: World): Promise<void> {
  const faults = [];
  for await (const fault of around.archive.verify(readings.name)) faults.push(fault.detail);
  expect(faults).toEqual([]);
}

test('E12: files that a compaction replaced are removed once their grace is over, and the chain has moved on', async () => {
  const around = await world();
  const replaced = await namedFiles(around);
  const collector = collectorOf(around);
  expect(await compactArchive(readings, around.archive, never, MERGE_ALL)).toBe(6);
  expect(await collector.collect(STREAMS, never)).toBe(0);
  await grow(around);
  around.clock.pass(GRACE_MS - 1);
  expect(await collector.collect(STREAMS, never)).toBe(0);
  expect(dataFiles(around)).toEqual(expect.arrayContaining(replaced));
  around.clock.pass(1);
  expect(await collector.collect(STREAMS, never)).toBe(6);
  expect(dataFiles(around)).toEqual(await namedFiles(around));
  expect(await collector.collect(STREAMS, never)).toBe(0);
  await expectWhole(around);
});

test('E14: a build that registered before the grace was over keeps the files it may be reading; a later one does not', async () => {
  const around = await world();
  await layer(around).recompute([perSensor], never);
  await grow(around, 60);
  const collector = collectorOf(around);
  await compactArchive(readings, around.archive, never, MERGE_ALL);
  await collector.collect(STREAMS, never);
  await grow(around);
  const register = async (id: string): Promise<void> => {
    const row = await control(around.store);
    const base = await liveEntry(around.store);
    const made = registerCandidate(row, {
      ...{ id, registeredAt: around.clock.now(), base: row.live, baseEntries: { [perSensor.name]: base.id } },
      ...{ baseCorrections: { [readings.name]: [] }, entries: [{ ...base, id: `${id}.e`, build: `${id}.e` }] },
    });
    if (!made.ok) throw new RangeError(made.message);
    await around.store.control.compareAndSet(made.row);
  };
  const cancel = async (id: string): Promise<void> => {
    const row = await control(around.store);
    const candidates = row.candidates.filter((candidate) => candidate.id !== id);
    await around.store.control.compareAndSet({ ...row, candidates, sequence: row.sequence + 1 });
  };
  around.clock.pass(GRACE_MS - 100);
  await register('early');
  around.clock.pass(10 * GRACE_MS);
  // It was registered at any time since the last look, which was within the grace.
  expect(await collector.collect(STREAMS, never)).toBe(0);
  await register('late');
  expect(await collector.collect(STREAMS, never)).toBe(0);
  await cancel('early');
  expect(await collector.collect(STREAMS, never)).toBeGreaterThan(0);
  expect((await control(around.store)).candidates.map(({ id }) => id)).toEqual(['late']);
  await expectWhole(around);
});

test('E12: what an archiver left that died before its commit goes when another has archived the same place', async () => {
  const around = await world();
  await around.log.append(TOPIC, events(10, 77));
  const dying = { ...around.archive, commit: () => Promise.reject(new RangeError('killed')) };
  const archiver = new LogArchiver({ stream: readings, topic: TOPIC }, { ...around.ports, archive: dying });
  await expect(archiver.archiveUntilEnd([0], never)).rejects.toThrow('killed');
  const collector = collectorOf(around);
  const orphans = dataFiles(around).length - (await namedFiles(around)).length;
  expect(orphans).toBe(1);
  await collector.collect(STREAMS, never);
  around.clock.pass(100 * GRACE_MS);
  // Nobody can say yet that its writer is dead and not standing still: it is the next file of its partition.
  expect(await collector.collect(STREAMS, never)).toBe(0);
  await layer(around).archiveAll(never);
  expect(await collector.collect(STREAMS, never)).toBe(1);
  expect(dataFiles(around)).toEqual(await namedFiles(around));
  await expectWhole(around);
});

test('left-overs that were never finished are removed when they are old', async () => {
  const around = await world();
  const collector = collectorOf(around);
  around.stored.set('unfinished/01A', new Uint8Array(3));
  expect(await collector.collect(STREAMS, never)).toBe(0);
  around.clock.pass(GRACE_MS);
  around.stored.set('unfinished/01B', new Uint8Array(3));
  expect(await collector.collect(STREAMS, never)).toBe(1);
  expect([...around.stored.keys()].filter((name) => name.startsWith('unfinished/'))).toEqual(['unfinished/01B']);
});

test('a process that dies at any step of a collection is followed by one that ends it; two at once do no harm', async () => {
  for (let step = 0; step <= 7; step++) {
    const around = await world();
    await compactArchive(readings, around.archive, never, MERGE_ALL);
    let removals = 0;
    const stored = createMemoryBlobs(around.stored);
    const dying = createMemoryArchive({
      ids: around.ids,
      blobs: {
        ...stored,
        remove: async (name) => {
          if (removals++ === step) throw new RangeError('killed');
          await stored.remove(name);
        },
      },
    });
    const first = new ArchiveCollector({ ...around.ports, archive: dying }, { graceMs: GRACE_MS });
    await first.collect(STREAMS, never);
    await grow(around);
    around.clock.pass(GRACE_MS);
    await first.collect(STREAMS, never).catch(() => undefined);
    await expectWhole(around);
    const others = [collectorOf(around), collectorOf(around)];
    for (const other of others) await other.collect(STREAMS, never);
    await grow(around);
    around.clock.pass(GRACE_MS);
    await Promise.all(others.map((other) => other.collect(STREAMS, never)));
    expect(dataFiles(around), `died at removal ${step}`).toEqual(await namedFiles(around));
    await expectWhole(around);
  }
});

/** An archiver up to its commit, and its commit: a file that still continues its partition is added to a later head, too. */
async function writeNext({ archive, log }: World): Promise<{ file: ArchiveFile; commit: () => Promise<unknown> }> {
  const state = await archive.head(readings.name);
  const from = Math.max(0, ...state.files.map((file) => file.to));
  const batch = await log.open(TOPIC, 0).read(from, { maxBytes: 400 });
  const columns = createDecoder(readings).decode(batch);
  const classifier = createClassifier(readings);
  classifier.restart(from);
  classifier.classify(columns);
  const writer = archive.create(readings, 0, from);
  writer.append(batch, columns, 0, columns.count, columns.nextOffset);
  const file = await writer.finish();
  const commit = async (): Promise<unknown> => {
    const next = await archive.commit(state, { add: [file] });
    const head = await archive.head(readings.name);
    if (next !== null || Math.max(0, ...head.files.map(({ to }) => to)) !== from) return next;
    return archive.commit(head, { add: [file] });
  };
  return { file, commit };
}

async function mergeSome({ archive }: World, pick: number): Promise<() => Promise<unknown>> {
  const state = await archive.head(readings.name);
  const group = state.files.slice(pick % Math.max(1, state.files.length), (pick % 5) + 4);
  if (group.length < 2) return async () => null;
  const merged = await archive.compact(readings, group);
  return () => archive.commit(state, { add: [merged], remove: group.map((file) => file.name) });
}

test('E12: no file that a head names is ever removed, however long writers stand still before they commit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 99 }), { minLength: 10, maxLength: 80 }), async (steps) => {
      const around = sample.surroundings();
      await around.log.ensureTopic(TOPIC, { partitions: 1 });
      await around.log.append(TOPIC, events(400, 3));
      await around.archive.commit(await around.archive.head(readings.name), { add: [], origins: [0] });
      // No grace at all: only what `collectable` says keeps a file.
      const collectors = [1, 2].map(() => new ArchiveCollector(around.ports, { graceMs: 0 }));
      const waiting: (() => Promise<unknown>)[] = [];
      for (const step of steps) {
        if (step < 26) waiting.push((await writeNext(around)).commit);
        else if (step < 36) waiting.push(await mergeSome(around, step));
        else if (step < 50) await (await mergeSome(around, step))();
        else if (step < 70) await waiting.splice(step % Math.max(1, waiting.length), 1)[0]?.();
        else await collectors[step % 2]?.collect(STREAMS, never);
        const stored = new Set(dataFiles(around));
        for (const name of await namedFiles(around)) expect(stored.has(name), name).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('a run whose file is replaced and removed while it reads is told so, and the next run succeeds', async () => {
  const around = await world();
  const collector = new ArchiveCollector(around.ports, { graceMs: 0 });
  const overtake = async (): Promise<void> => {
    await compactArchive(readings, around.archive, never, MERGE_ALL);
    await collector.collect(STREAMS, never);
    await grow(around);
    expect(await collector.collect(STREAMS, never)).toBe(6);
  };
  let overtaken = false;
  const engine = createJsEngine(async (file, of) => {
    if (!overtaken) await overtake();
    overtaken = true;
    const state = await around.archive.stateAt(of.name, 6);
    const found = [...state.files, ...(await around.archive.head(of.name)).files].find((f) => f.name === file.path);
    if (found === undefined) throw new RangeError(`no archived file ${file.path}`);
    return around.archive.readColumns(of, found);
  });
  const ports = { ...around.ports, engine };
  await expect(recomputeViews([perSensor], ports, never)).rejects.toMatchObject({
    code: 'SOURCE_MOVED',
    retryable: true,
  });
  expect((await recomputeViews([perSensor], ports, never)).release).not.toBeNull();
});

test('events that come all the time leave a bounded number of files, and none that nothing names', async () => {
  const around = await world(0);
  const batch = layer(around);
  const rng = seededRng(4);
  for (let round = 0; round < 30; round++) {
    await around.log.append(TOPIC, events(5 + Math.floor(rng.next() * 20), round, sample.START + round * 600_000));
    await batch.recompute([perSensor], never);
    around.clock.pass(GRACE_MS / 2);
  }
  expect(dataFiles(around).length).toBeLessThan(25);
  await expectWhole(around);
});
