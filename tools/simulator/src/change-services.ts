import { archivedRecords, createMemoryBlobs, type RemovableBlobs } from '@twofold/archive';
import { LogError, type AppendRecord, type AppendResult, type LogAppender } from '@twofold/event-log';
import { createClassifier, createDecoder, type Columns } from '@twofold/schemas';
import { OperatorWorker, Snapshots, UpsertFold } from '@twofold/speed-layer';
import type { Topic } from './model.ts';
import type { Process } from './process.ts';
import { formerChanges } from './projects/upsert-model.ts';
import type { Machine, World } from './world.ts';

const failure = (what: string): Error => new LogError('LOG_IO', `${what}: no answer`, { retryable: true });

/** The operator of one partition, over ports of its own. */
export function changeMaker(world: World, topic: Topic, partition: number) {
  const { random } = world;
  const input = inputOf(world, topic);
  return async (machine: Machine): Promise<void> => {
    const { process, store, clock, log, batch } = machine;
    const options = {
      readBytes: random.pick(world.model.size.readBytes),
      appendRecords: random.int(1, 8),
      snapshotInputs: random.pick([1, 5, 40]),
      controlMs: random.int(20, 150),
    };
    const archived = archivedRecords(
      batch.archive,
      (name) => world.model.topics.find((each) => each.topic === name)?.stream,
    );
    const ports = {
      log: { ...log, ...appender(world, process) },
      control: store.control,
      progress: store.progress,
      snapshots: blobsOf(world, process),
      erased: (name: string, of: number) => archived.blanks(name, of),
      clock,
      logger: batch.logger,
    };
    const { stream, topic: outputTopic } = topic;
    const task = { stream, inputTopic: input.topic, outputTopic, partition };
    await new OperatorWorker(task, ports, options).run(process.stop.signal);
  };
}

/**
 * What programs have left that declared the change stream otherwise: snapshots of its states, of the same partition and
 * logs. Nobody may go on from them (E26).
 */
export function formerOperator(world: World, topic: Topic, partition: number) {
  const { random, coverage } = world;
  const input = inputOf(world, topic);
  return async ({ process, clock, log, batch }: Machine): Promise<void> => {
    await clock.sleep(random.int(50, 1_500), process.stop.signal);
    const logs = { input: await log.identity(input.topic), output: await log.identity(topic.topic) };
    const { origin, end } = world.truth.partition(input.stream.name, partition);
    const until = random.int(origin, end);
    const fold = new UpsertFold(formerChanges, origin);
    const cursor = world.log.open(input.topic, partition);
    const [decoder, classifier] = [createDecoder(input.stream), createClassifier(input.stream)];
    const { start } = (await world.log.partitions(input.topic))[partition] ?? { start: 0 };
    classifier.restart(start);
    for (let at = start; at < until;) {
      const read = await cursor.read(at, { to: until });
      const columns: Columns = decoder.decode(read);
      classifier.classify(columns);
      fold.apply(columns, 0, columns.count);
      at = read.nextOffset;
    }
    fold.next = Math.max(until, start);
    const blobs = blobsOf(world, process);
    await new Snapshots({ blobs, stream: formerChanges, partition, logs, logger: batch.logger }).store(fold);
    coverage.snapshotsOfOthers++;
  };
}

function inputOf(world: World, { stream }: Topic): Topic {
  const input = world.model.topics.find((each) => each.stream.name === stream.change?.of.name);
  if (input === undefined) throw new RangeError(`${stream.name} is made of no topic of the model`);
  return input;
}

function blobsOf({ files, network, coverage, statesAt, kernel }: World, process: Process): RemovableBlobs {
  const stored = createMemoryBlobs(files.stored);
  return {
    get: (name) => network.read(process, 'get snapshot', () => stored.get(name), failure),
    putIfAbsent: (name, bytes) => {
      coverage.snapshotsStored++;
      const put = async (): Promise<boolean> => {
        const isNew = await stored.putIfAbsent(name, bytes);
        if (isNew) statesAt.set(name, kernel.now);
        return isNew;
      };
      return network.write(process, 'put snapshot', put, failure);
    },
    list: (folder) => network.read(process, 'list snapshots', () => stored.list(folder), failure),
    remove: (name) => network.write(process, 'remove snapshot', () => stored.remove(name), failure),
  };
}

/** Appends over the network: they may fail, land late, or leave only their first records. */
function appender(world: World, process: Process): LogAppender {
  const { network, random } = world;
  return {
    append: (topic, records) => {
      const copies = records.map((record) => ({ ...record }));
      world.rows.appended.push({ topic, records: copies });
      return network.write(
        process,
        'append changes',
        async () => {
          if (records.length < 2 || !random.chance(network.rates.appendUnknown)) return land(world, topic, copies);
          world.coverage.appendsCut++;
          await land(world, topic, copies.slice(0, random.int(1, records.length - 1)));
          throw failure('append changes');
        },
        failure,
      );
    },
  };
}

/** What counts of it has to be what the oracle emits for the restatements (E26). */
export async function land(world: World, topic: string, records: readonly AppendRecord[]): Promise<AppendResult> {
  const { truth, log, logClock, observer, coverage, model } = world;
  const found = model.topics.find((each) => each.topic === topic);
  if (found === undefined) throw new RangeError(`the model has no topic ${topic}`);
  const before = (await log.partitions(topic)).map(({ end }) => end);
  const classified = await truth.append(log, found, records, logClock.now());
  coverage.changesEmitted += classified.length;
  coverage.changesRepeated += classified.filter((record) => record.class === 'duplicate').length;
  for (const partition of new Set(classified.map((record) => record.partition))) {
    const { fault } = truth.changes(found.stream, partition);
    if (fault !== null) observer.fail('E26', `${found.stream.name}/${partition}: ${fault}`);
  }
  const at = [...before];
  const partitions = Int32Array.from(records, ({ partition }) => partition ?? 0);
  const offsets = Float64Array.from(partitions, (partition) => {
    const offset = at[partition] ?? 0;
    at[partition] = offset + 1;
    return offset;
  });
  return { partitions, offsets };
}
