import { createArchivedLog, type ArchivedRecords } from '@twofold/event-log';
import { registerCandidate, type Candidate } from '@twofold/releases';
import { mergeChunks } from '@twofold/views';
import { expect, test } from 'vitest';
import { runSpeedLayer } from '../src/speed-layer.ts';
import { event, events, perSensor, readings, registered, rowsOf, shown, SLICE, surroundings, TOPIC } from './sample.ts';
import { baseNext, Killed, OPTIONS, passes, startWorker, unavailable, watched } from './worker-world.ts';

async function world(count = 100, origins = [0]) {
  const around = surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.append(TOPIC, events(count, 5));
  await registered(around.log, around.store, origins);
  return around;
}

/** What an undisturbed worker leaves. */
async function undisturbed(count = 100, origins = [0]): Promise<string[]> {
  const around = await world(count, origins);
  const worker = startWorker(around);
  await passes(around.clock, 1_000);
  await worker.stop();
  return shown(await rowsOf(around.store));
}

test('E6: rows are durable before progress, and are written again until they are', async () => {
  const around = await world();
  const order: string[] = [];
  let failures = 5;
  const store = watched(around.store, (kind) => {
    if (kind === 'rows' && failures-- > 0) {
      order.push('rows failed');
      throw unavailable();
    }
    order.push(kind);
  });
  const worker = startWorker(around, { store });
  await passes(around.clock, 3_000);
  await worker.stop();
  expect(worker.ended.error).toBeNull();
  const [ledgerAt, progressAt] = [order.indexOf('ledger'), order.indexOf('progress')];
  expect(ledgerAt).toBeGreaterThanOrEqual(0);
  expect(ledgerAt).toBeLessThan(progressAt);
  const others = order.filter((kind) => kind !== 'ledger');
  expect(others.slice(0, 7)).toEqual([...Array.from({ length: 5 }, () => 'rows failed'), 'rows', 'progress']);
  expect(await baseNext(around.store)).toBe(100);
  expect(shown(await rowsOf(around.store))).toEqual(await undisturbed());
});

test('E6: a worker that dies between rows and progress is followed by one that leaves the same rows', async () => {
  const expected = await undisturbed();
  for (const at of [1, 2, 3]) {
    const around = await world(60);
    let left = at;
    const store = watched(around.store, (kind) => {
      if (kind === 'progress' && --left <= 0) throw new Killed('KILLED', 'dead');
    });
    const first = startWorker(around, { store });
    await passes(around.clock, 200);
    await around.log.append(TOPIC, events(100, 5).slice(60));
    await passes(around.clock, 1_000);
    await first.stop();
    if (first.ended.error !== null) expect(first.ended.error).toBeInstanceOf(Killed);
    const second = startWorker(around);
    await passes(around.clock, 1_000);
    await second.stop();
    expect(second.ended.error).toBeNull();
    expect(await baseNext(around.store)).toBe(100);
    expect(shown(await rowsOf(around.store))).toEqual(expected);
    const total = (await around.store.ledger.totals(readings.name))[0];
    expect((total?.applied ?? 0) + (total?.duplicate ?? 0) + (total?.rejected ?? 0)).toBe(100);
  }
});

test('E5: two workers on one partition leave the rows of one', async () => {
  const around = await world(50);
  const one = startWorker(around);
  await passes(around.clock, 75);
  const two = startWorker(around, { store: around.store.open() });
  await passes(around.clock, 300);
  await around.log.append(TOPIC, events(100, 5).slice(50));
  await passes(around.clock, 1_000);
  await one.stop();
  await two.stop();
  expect([one.ended.error, two.ended.error]).toEqual([null, null]);
  expect(shown(await rowsOf(around.store))).toEqual(await undisturbed());
});

test('E5: a store that was lost ends the worker', async () => {
  const around = await world();
  const worker = startWorker(around);
  await passes(around.clock, 200);
  around.store.destroy();
  await passes(around.clock, 1_000);
  await worker.stop();
  expect(worker.ended.error).toMatchObject({ code: 'STORE_GONE' });
});

test('E0 E2: an origin inside a slice is folded as a remainder, and nothing below it', async () => {
  const around = await world(100, [21]);
  const worker = startWorker(around);
  await passes(around.clock, 1_000);
  await worker.stop();
  const starts = new Set((await rowsOf(around.store)).map((row) => `${row.start}-${row.end}`));
  expect(starts).toEqual(new Set(['21-32', '32-48', '48-64', '64-80', '80-96', '96-112']));
});

test('E2: the remainder of a candidate is taken up while the worker is far past its cut, with equal bytes', async () => {
  const around = await world(100);
  const worker = startWorker(around);
  await passes(around.clock, 500);
  const row = await around.store.control.read();
  const live = row?.entries[`origin:${perSensor.name}@1`];
  if (row === null || live === undefined) throw new TypeError('not registered');
  const candidate: Candidate = {
    id: 'c1',
    registeredAt: 0,
    base: row.live,
    baseEntries: { [perSensor.name]: live.id },
    baseCorrections: { [readings.name]: [] },
    entries: [{ ...live, id: 'c1.e', build: 'b', cut: [37] }],
  };
  const next = registerCandidate(row, candidate);
  if (!next.ok) throw new TypeError(next.message);
  await around.store.control.compareAndSet(next.row);
  await passes(around.clock, 1_000);
  await worker.stop();
  const remainder = (await rowsOf(around.store)).filter((r) => r.start === 37);
  expect(remainder.length).toBeGreaterThan(0);
  const reference = await undisturbed(100, [37]);
  // The class of a record at 37 depends on ids before it, which a project with origin 37 does not look at.
  expect(reference.some((line) => line.startsWith('37-48'))).toBe(true);
  const progress = await around.store.progress.read({ view: perSensor.name, version: 1 });
  expect(progress.find((p) => p.lane === 'remainder:37')?.next).toBe(48);
  // Straddling slice = before the cut + remainder, so the remainder holds no bucket that the slice does not.
  const straddling = new Set((await rowsOf(around.store)).filter((r) => r.start === 32).map((r) => r.bucket));
  for (const r of remainder) expect(straddling.has(r.bucket)).toBe(true);
});

test('E7: what the log has let go of is read from the archive, and the rows are the same', async () => {
  const around = await world(100);
  const kept = surroundings();
  await kept.log.ensureTopic(TOPIC, { partitions: 1 });
  await kept.log.append(TOPIC, events(100, 5));
  const archive: ArchivedRecords = {
    range: async () => ({ from: 0, to: 80 }),
    read: async (topic, partition, from, to) => kept.log.open(topic, partition).read(from, { to: Math.min(to, 80) }),
    blanks: async () => [],
  };
  await around.log.trim(TOPIC, 0, 70);
  const worker = startWorker(around, { log: createArchivedLog(around.log, archive) });
  await passes(around.clock, 1_500);
  await worker.stop();
  expect(worker.ended.error).toBeNull();
  expect(shown(await rowsOf(around.store))).toEqual(await undisturbed());
});

test('E7: a range that neither log nor archive has is an incident, and nothing is folded past it', async () => {
  const around = await world(100);
  const archive: ArchivedRecords = {
    range: async () => null,
    read: () => Promise.reject(new RangeError('nothing is archived')),
    blanks: async () => [],
  };
  await around.log.trim(TOPIC, 0, 70);
  const stop = new AbortController();
  const { store, clock, logger } = around;
  const layer = runSpeedLayer(
    { streams: [{ stream: readings, topic: TOPIC }], views: [perSensor] },
    { log: createArchivedLog(around.log, archive), store, clock, logger },
    stop.signal,
    OPTIONS,
  );
  await passes(clock, 1_000);
  expect(layer.incidents).toMatchObject([{ stream: 'readings', partition: 0, code: 'OFFSET_OUT_OF_RANGE' }]);
  expect(await rowsOf(store)).toEqual([]);
  stop.abort();
  await passes(clock, 500);
  await layer.done;
});

test('E7: a log with another identity stops the partition as an incident', async () => {
  const around = await world(100);
  around.log.recreate(TOPIC);
  await around.log.append(TOPIC, events(10, 8));
  const stop = new AbortController();
  const { store, clock, logger, log } = around;
  const layer = runSpeedLayer(
    { streams: [{ stream: readings, topic: TOPIC }], views: [perSensor] },
    { log, store, clock, logger },
    stop.signal,
    OPTIONS,
  );
  await passes(clock, 1_000);
  expect(layer.incidents).toMatchObject([{ partition: 0, code: 'LOG_REPLACED' }]);
  expect(await rowsOf(store)).toEqual([]);
  stop.abort();
  await passes(clock, 500);
  await layer.done;
});

test('E0: a partition that is added later is folded from its origin without a restart', async () => {
  const around = await world(0);
  const stop = new AbortController();
  const { store, clock, logger, log } = around;
  const layer = runSpeedLayer(
    { streams: [{ stream: readings, topic: TOPIC }], views: [perSensor] },
    { log, store, clock, logger },
    stop.signal,
    OPTIONS,
  );
  await passes(clock, 500);
  await log.ensureTopic(TOPIC, { partitions: 4 });
  const row = await store.control.read();
  const state = row?.streams[readings.name];
  if (row === null || state === undefined) throw new TypeError('not registered');
  await store.control.compareAndSet({
    ...row,
    sequence: row.sequence + 1,
    streams: { ...row.streams, [readings.name]: { ...state, origins: [0, 0, 0, 0] } },
  });
  await log.append(
    TOPIC,
    [...Array(40).keys()].map((i) => event(`k${i}`, i, 1)),
  );
  await passes(clock, 1_500);
  const progress = await store.progress.read({ view: perSensor.name, version: 1 });
  const ends = await log.partitions(TOPIC);
  for (const { partition, end } of ends)
    expect(progress.find((p) => p.partition === partition && p.lane === 'base')?.next).toBe(end);
  expect(ends.filter(({ end }) => end > 0).length).toBeGreaterThan(1);
  stop.abort();
  await passes(clock, 500);
  await layer.done;
});

test('E23: an idle partition that has caught up goes on giving signs of life', async () => {
  const around = await world(3);
  const worker = startWorker(around);
  const lifeAt = async (): Promise<number> => {
    const records = await around.store.progress.read({ view: perSensor.name, version: 1 });
    return records.find((record) => record.lane === 'base')?.caughtUpAt ?? -1;
  };
  await passes(around.clock, 2_000);
  const first = await lifeAt();
  await passes(around.clock, 5_000);
  const second = await lifeAt();
  await worker.stop();
  expect(first).toBeGreaterThan(0);
  expect(second - first).toBeGreaterThanOrEqual(3_000);
  expect(around.clock.now() - second).toBeLessThan(15_000);
  expect(await baseNext(around.store)).toBe(3);
});

test('E4: a slice merged with nothing is itself', async () => {
  const around = await world(SLICE);
  const worker = startWorker(around);
  await passes(around.clock, 500);
  await worker.stop();
  for (const row of await rowsOf(around.store))
    expect(Buffer.compare(mergeChunks(perSensor, [row.bytes]).bytes, row.bytes)).toBe(0);
});

test('many lanes are folded over larger reads of the log, up to eight times as large', async () => {
  const readBytes = async (many: number): Promise<Set<number>> => {
    const around = surroundings();
    await around.log.ensureTopic(TOPIC, { partitions: 1 });
    await around.log.append(TOPIC, events(100, 5));
    const views = Array.from({ length: many }, (_, n) => ({ ...perSensor, name: `perSensor${n}` }));
    await registered(around.log, around.store, [0], views);
    const asked = new Set<number>();
    const open: typeof around.log.open = (...of) => {
      const cursor = around.log.open(...of);
      const read: typeof cursor.read = (from, options) => {
        asked.add(options?.maxBytes ?? NaN);
        return cursor.read(from, options);
      };
      return { read, close: () => cursor.close() };
    };
    const worker = startWorker(around, { views, log: { ...around.log, open } });
    await passes(around.clock, 1_000);
    await worker.stop();
    expect(worker.ended.error).toBeNull();
    for (const { name: view, version } of views)
      expect((await around.store.progress.read({ view, version })).map(({ next }) => next)).toEqual([100]);
    return asked;
  };
  expect(await readBytes(1)).toEqual(new Set([OPTIONS.readBytes]));
  expect(await readBytes(20)).toEqual(new Set([3 * OPTIONS.readBytes]));
  expect(await readBytes(90)).toEqual(new Set([8 * OPTIONS.readBytes]));
});
