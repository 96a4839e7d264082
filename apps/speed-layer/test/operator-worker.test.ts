import { LogError, type LogAppender } from '@twofold/event-log';
import { registerProject } from '@twofold/releases';
import {
  createClassifier,
  createDecoder,
  enumeration,
  instant,
  int,
  RecordClass,
  stream,
  text,
  upsert,
  type BlankRecords,
} from '@twofold/schemas';
import { operatorLane } from '@twofold/view-store';
import { expect, test } from 'vitest';
import { OperatorWorker, type OperatorPorts } from '../src/operators/operator-worker.ts';
import type { SnapshotBlobs } from '../src/operators/snapshot-blobs.ts';
import { snapshotFolder } from '../src/operators/snapshots.ts';
import { surroundings } from './sample.ts';
import { passes } from './worker-world.ts';

/** Snapshots in a map that the test holds on to: what survives a crash. */
function blobsIn(stored: Map<string, Uint8Array>): SnapshotBlobs {
  return {
    putIfAbsent: async (name, bytes) => !stored.has(name) && stored.set(name, bytes.slice()).size > 0,
    get: async (name) => stored.get(name)?.slice() ?? null,
    list: async (folder) => [...stored.keys()].filter((name) => name.slice(0, name.lastIndexOf('/')) === folder),
    remove: async (name) => void stored.delete(name),
  };
}

const INPUT = 'prices';
const OUTPUT = 'price-changes';

const prices = stream('prices', {
  fields: {
    item: text(),
    revision: int(),
    op: enumeration(['state', 'delete']).optional(),
    at: instant('ms'),
    amount: int().optional(),
  },
  id: ['item', 'revision', 'at'],
  eventTime: 'at',
  partitionKey: 'item',
  skew: null,
  dedupeHorizon: 50,
  sliceSize: 16,
});
const changes = upsert('price-changes', {
  of: prices,
  key: ['item'],
  revision: 'revision',
  operation: { field: 'op', deletes: ['delete'] },
  keep: ['amount'],
});
const OPTIONS = { readBytes: 300, appendRecords: 3, snapshotInputs: 5, controlMs: 50 };

let made = 0;

/** No two have the same id. */
function restated(item: string, revision: number, amount: number | null, op: string | null = null) {
  const encoder = new TextEncoder();
  const value = JSON.stringify({ item, revision, at: 1_000 + made++, amount, op });
  return { key: encoder.encode(item), value: encoder.encode(value) };
}

async function world(partitions = 1) {
  const around = surroundings();
  const { log, store } = around;
  for (const topic of [INPUT, OUTPUT]) await log.ensureTopic(topic, { partitions });
  const stateOf = async ({ version, fingerprint }: typeof prices | typeof changes, topic: string) => ({
    version,
    fingerprint,
    sliceSize: 16,
    logIdentity: await log.identity(topic),
    origins: Array.from({ length: partitions }, () => 0),
  });
  const streams = { [prices.name]: await stateOf(prices, INPUT), [changes.name]: await stateOf(changes, OUTPUT) };
  await store.control.create(registerProject({ project: 'p', incarnation: store.incarnation, streams, views: [] }));
  return { ...around, stored: new Map<string, Uint8Array>(), erased: [] as BlankRecords[] };
}

type World = Awaited<ReturnType<typeof world>>;

function start({ log, store, clock, logger, stored, erased }: World, append: LogAppender['append'] = log.append) {
  const stop = new AbortController();
  const ports: OperatorPorts = {
    log: { ...log, append },
    control: store.control,
    progress: store.progress,
    snapshots: blobsIn(stored),
    erased: async () => [...erased],
    clock,
    logger,
  };
  const ended: { error: unknown } = { error: null };
  const task = { stream: changes, inputTopic: INPUT, outputTopic: OUTPUT, partition: 0 };
  const done = new OperatorWorker(task, ports, OPTIONS).run(stop.signal).catch((error: unknown) => {
    ended.error = error;
  });
  return {
    ended,
    stop: async () => {
      stop.abort();
      await passes(clock, 1_000);
      await done;
    },
  };
}

/** What counts of the change stream's log: `+x1=5` and the id of each, and how many records do not count. */
async function emitted({ log }: World): Promise<{ counted: string[]; repeated: number }> {
  const [decoder, classifier] = [createDecoder(changes), createClassifier(changes)];
  const cursor = log.open(OUTPUT, 0);
  const end = (await log.partitions(OUTPUT))[0]?.end ?? 0;
  const counted: string[] = [];
  let repeated = 0;
  for (let at = 0; at < end;) {
    const batch = await cursor.read(at, { to: end });
    const columns = decoder.decode(batch);
    classifier.classify(columns);
    for (let row = 0; row < columns.count; row++) {
      if (columns.classes[row] !== RecordClass.applied) {
        repeated++;
        continue;
      }
      const text = new TextDecoder().decode(batch.bytes.subarray(batch.valueStarts[row], batch.valueEnds[row]));
      const change = JSON.parse(text) as Record<string, string | number | null>;
      const { changeSign, changeOffset, changeOrdinal, item, revision, amount } = change;
      const sign = changeSign === 1 ? '+' : '-';
      counted.push(`${sign}${item}${revision}=${amount ?? 'null'} ${changeOffset}.${changeOrdinal}`);
    }
    at = batch.nextOffset;
  }
  return { counted, repeated };
}

const history = [
  restated('x', 1, 5),
  restated('y', 1, 7),
  restated('x', 3, null),
  restated('x', 2, 9),
  restated('x', 3, 8),
  restated('y', 2, null, 'delete'),
  restated('y', 1, 6),
  restated('z', 4, null, 'delete'),
  restated('z', 5, 1),
  restated('y', 3, null),
];
const expected = ['+x1=5 0.0', '+y1=7 1.0', '-x1=5 2.0', '+x3=5 2.1', '-y1=7 5.0', '+z5=1 8.0', '+y3=null 9.0'];

test('E27: a restatement that wins takes back what held and brings what holds; late and equal revisions are counted', async () => {
  const around = await world();
  await around.log.append(INPUT, history);
  const worker = start(around);
  await passes(around.clock, 2_000);
  await worker.stop();
  expect(worker.ended.error).toBeNull();
  expect(await emitted(around)).toEqual({ counted: expected, repeated: 0 });
  const [told] = await around.store.progress.read(operatorLane(changes));
  expect(told?.next).toBe(history.length);
  const [newest] = [...around.stored.keys()]
    .filter((name) => name.startsWith(snapshotFolder(changes, 0)))
    .sort()
    .reverse();
  const header = JSON.parse(new TextDecoder().decode(around.stored.get(newest ?? '')).split('\n')[0] ?? '') as {
    counts: unknown;
  };
  expect(header.counts).toEqual({ superseded: 3, inserted: 4, updated: 1, deleted: 1, deletedUnknown: 1 });
});

test('E26: wherever it dies, its successor goes on from a snapshot, and what counts is emitted once', async () => {
  for (let deaths = 1; deaths <= 12; deaths++) {
    const around = await world();
    await around.log.append(INPUT, history);
    let left = deaths;
    // Every append is stored whole, in part, or not at all before the process is gone.
    const dying: LogAppender['append'] = async (topic, records, signal) => {
      if (--left > 0) return around.log.append(topic, records, signal);
      await around.log.append(topic, records.slice(0, deaths % 3));
      return new Promise<never>(() => undefined);
    };
    start(around, dying);
    await passes(around.clock, 500);
    const successor = start(around);
    await passes(around.clock, 2_000);
    await successor.stop();
    expect(successor.ended.error).toBeNull();
    expect((await emitted(around)).counted).toEqual(expected);
  }
});

test('E26: an append without an answer is repeated, and one that lands late counts once', async () => {
  const around = await world();
  await around.log.append(INPUT, history);
  const late: (() => Promise<unknown>)[] = [];
  let turn = 0;
  const append: LogAppender['append'] = async (topic, records, signal) => {
    turn++;
    if (turn % 3 === 0) return around.log.append(topic, records, signal);
    const copies = records.map((record) => ({ ...record }));
    if (turn % 3 === 1) late.push(() => around.log.append(topic, copies));
    else await around.log.append(topic, copies);
    throw new LogError('LOG_IO', 'no answer', { retryable: true });
  };
  const worker = start(around, append);
  await passes(around.clock, 3_000);
  for (const land of late) await land();
  await worker.stop();
  const { counted, repeated } = await emitted(around);
  expect(counted).toEqual(expected);
  expect(repeated).toBeGreaterThan(0);
});

test('E26: two at once emit what one emits', async () => {
  const around = await world();
  const workers = [start(around), start(around)];
  for (const record of history) {
    await around.log.append(INPUT, [record]);
    await passes(around.clock, 30);
  }
  await passes(around.clock, 2_000);
  for (const worker of workers) await worker.stop();
  expect((await emitted(around)).counted).toEqual(expected);
});

test('E26: a snapshot that is damaged, or of another log, is passed over', async () => {
  const around = await world();
  await around.log.append(INPUT, history.slice(0, 6));
  const first = start(around);
  await passes(around.clock, 2_000);
  await first.stop();
  expect(around.stored.size).toBeGreaterThan(0);
  for (const [name, bytes] of around.stored) {
    const damaged = bytes.slice();
    damaged[damaged.length - 2] = (damaged.at(-2) ?? 0) ^ 1;
    around.stored.set(name, damaged);
  }
  await around.log.append(INPUT, history.slice(6));
  const second = start(around);
  await passes(around.clock, 2_000);
  await second.stop();
  expect(second.ended.error).toBeNull();
  expect((await emitted(around)).counted).toEqual(expected);
  expect(around.logger.entries.some(({ message }) => message.includes('passed over'))).toBe(true);
});

test('E21: rows that were erased are in no state any more; what is older stays superseded, what is newer is new', async () => {
  const around = await world();
  await around.log.append(INPUT, history.slice(0, 7));
  const first = start(around);
  await passes(around.clock, 2_000);
  const tells = (): string[] =>
    [...around.stored].flatMap(([name, bytes]) => (new TextDecoder().decode(bytes).includes('["y"]') ? [name] : []));
  expect(tells()).not.toEqual([]);
  const rows = new Map([['hash of ["y"]', 2]]);
  around.erased.push({ offsets: [1, 5, 6], ids: [null, null, null], hashOf: (text) => `hash of ${text}`, rows });
  await passes(around.clock, 3_000);
  expect(around.stored.size).toBeGreaterThan(0);
  expect(tells()).toEqual([]);
  await first.stop();
  const second = start(around);
  await around.log.append(INPUT, [restated('y', 2, 6), restated('y', 3, 4)]);
  await passes(around.clock, 2_000);
  await second.stop();
  expect((await emitted(around)).counted).toEqual([...expected.slice(0, 5), '+y3=4 8.0']);
});

test('E27: restatements without a key are told of, once, where there are several partitions', async () => {
  for (const [partitions, keyed, told] of [
    [2, false, 1],
    [2, true, 0],
    [1, false, 0],
  ] as const) {
    const around = await world(partitions);
    await around.log.append(
      INPUT,
      history.map(({ key, value }) => ({ key: keyed ? key : null, value, partition: 0 })),
    );
    const worker = start(around);
    await passes(around.clock, 2_000);
    await worker.stop();
    expect(worker.ended.error).toBeNull();
    expect((await emitted(around)).counted).toEqual(expected);
    const warned = around.logger.entries.filter(({ message }) => message.includes('come without a key'));
    expect(warned.length).toBe(told);
  }
});

test('E7: a log that was made again stops the operator as an incident', async () => {
  const around = await world();
  around.log.recreate(INPUT);
  const worker = start(around);
  await passes(around.clock, 1_000);
  await worker.stop();
  expect(worker.ended.error).toMatchObject({ code: 'LOG_REPLACED' });
});
