import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReadRecord, readAll, record } from '@twofold/event-log/testing';
import type { KafkaLog } from '@twofold/event-log-kafka';
import { type Logger, systemClock } from '@twofold/service';
import { brokers, freshPrefix, makeKafkaLog } from './test-log.ts';

const { CompressionTypes, Kafka: Client, logLevel } = kafkajs;

describe.skipIf(brokers === null)('the log on a real broker', () => {
  const topicPrefix = freshPrefix();
  const said: string[] = [];
  const hear = (message: string): void => {
    said.push(message);
  };
  const logger: Logger = { debug: () => {}, info: hear, warn: hear, error: hear };
  let kafka: Kafka;
  let producer: Producer;
  let fast: KafkaLog;
  let plain: KafkaLog;

  beforeAll(async () => {
    kafka = new Client({
      brokers: [...(brokers ?? [])],
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 20 },
    });
    producer = kafka.producer({ createPartitioner: () => () => 0 });
    await producer.connect();
    fast = makeKafkaLog({ topicPrefix, reader: 'fast', logger });
    plain = makeKafkaLog({ topicPrefix, reader: 'plain' });
  });
  afterAll(async () => {
    await Promise.all([producer.disconnect(), fast.close(), plain.close()]);
    const admin = kafka.admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((each) => each.startsWith(topicPrefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    await admin.disconnect();
  });

  /** What both readers show, which has to be the same. */
  async function readBoth(topic: string, from = 0): Promise<ReadRecord[]> {
    const [one, other] = await Promise.all([readAll(fast, topic, 0, from), readAll(plain, topic, 0, from)]);
    expect(one).toEqual(other);
    return one;
  }

  async function makeTopic(topic: string, settings: Readonly<Record<string, string>>): Promise<void> {
    const admin = kafka.admin();
    await admin.connect();
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic: `${topicPrefix}${topic}`, numPartitions: 1, configEntries }] });
    await admin.disconnect();
  }

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('writes and reads %s', async (compression) => {
    const topic = `codec-${compression}`;
    const log = makeKafkaLog({ topicPrefix, compression });
    await log.ensureTopic(topic, { partitions: 1 });
    const values = Array.from({ length: 2_500 }, (_, index) => `value ${index} ${'x'.repeat(index % 50)}`);
    await log.append(
      topic,
      values.map((value, index) => record(index % 5 === 0 ? null : `k${index}`, value)),
    );
    await log.close();
    expect((await readBoth(topic)).map(({ value }) => value)).toEqual(values);
  });

  it('reads one partition whose batches are of every codec, with headers, nulls and empty values', async () => {
    const topic = 'mixed';
    await fast.ensureTopic(topic, { partitions: 1 });
    const types = [
      CompressionTypes.None,
      CompressionTypes.GZIP,
      CompressionTypes.LZ4,
      CompressionTypes.ZSTD,
      CompressionTypes.Snappy,
    ];
    const expected: (string | null)[] = [];
    for (let send = 0; send < 25; send++) {
      const values = [`${send}`, null, '', `${send}`.repeat(300)];
      const messages = values.map((value) => ({ key: null, value, headers: { h: 'header', other: ['a', 'b'] } }));
      await producer.send({ topic: `${topicPrefix}${topic}`, messages, compression: types[send % 5] ?? 0 });
      expected.push(...values);
    }
    expect((await readBoth(topic)).map(({ value }) => value)).toEqual(expected);
  });

  it('hides aborted transactions and markers, and counts their positions as covered (E7, E10)', async () => {
    const topic = 'transactions';
    await fast.ensureTopic(topic, { partitions: 1 });
    const transactional = kafka.producer({
      transactionalId: `${topicPrefix}tx`,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: () => () => 0,
      retry: { initialRetryTime: 20, retries: 20 },
    });
    await transactional.connect();
    const expected: string[] = [];
    for (let round = 0; round < 24; round++) {
      const transaction = await transactional.transaction();
      for (let send = 0; send < 2; send++) {
        const value = `${round}/${send}`;
        await transaction.send({ topic: `${topicPrefix}${topic}`, messages: [{ value }] });
        if (round % 3 !== 0) expected.push(value);
      }
      await (round % 3 === 0 ? transaction.abort() : transaction.commit());
      if (round % 5 === 0) {
        await producer.send({ topic: `${topicPrefix}${topic}`, messages: [{ value: `plain ${round}` }] });
        expected.push(`plain ${round}`);
      }
    }
    const [range] = await fast.partitions(topic);
    expect(range).toEqual({ partition: 0, start: 0, end: 24 * 3 + 5 });
    for (let from = 0; from <= 77; from += 7) {
      const shown = await readBoth(topic, from);
      expect(shown.map(({ value }) => value)).toEqual(expected.slice(expected.length - shown.length));
    }
    expect((await readBoth(topic)).map(({ value }) => value)).toEqual(expected);

    const open = await transactional.transaction();
    await open.send({ topic: `${topicPrefix}${topic}`, messages: [{ value: 'undecided' }] });
    await producer.send({ topic: `${topicPrefix}${topic}`, messages: [{ value: 'behind it' }] });
    expect((await fast.partitions(topic))[0]?.end).toBe(77);
    expect((await fast.open(topic, 0).read(77, { waitMs: 30 })).nextOffset).toBe(77);
    await open.abort();
    const batch = await fast.open(topic, 0).read(77, { waitMs: 10_000 });
    expect(batch.baseOffset).toBe(77);
    expect((await readBoth(topic, 77)).map(({ value }) => value)).toEqual(['behind it']);
    await transactional.disconnect();
  });

  it('stops a reader of a topic that was deleted and made again with LOG_REPLACED', async () => {
    const topic = 'replaced';
    await fast.ensureTopic(topic, { partitions: 1 });
    await fast.append(topic, [record('k', '1'), record('k', '2')]);
    const cursor = fast.open(topic, 0);
    expect((await cursor.read(0)).count).toBe(2);
    const identity = await fast.identity(topic);
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [`${topicPrefix}${topic}`] });
    await admin.disconnect();
    const other = makeKafkaLog({ topicPrefix });
    await other.ensureTopic(topic, { partitions: 1 });
    await other.append(topic, [record('k', 'a'), record('k', 'b'), record('k', 'c')]);
    await expect(cursor.read(2, { waitMs: 5_000 })).rejects.toMatchObject({ code: 'LOG_REPLACED', retryable: false });
    expect(await fast.identity(topic)).not.toBe(identity);
    await other.close();
  });

  it('refuses what retention has taken, with the range that is left (E7)', async () => {
    const topic = 'retention';
    await fast.ensureTopic(topic, { partitions: 1 });
    await fast.append(
      topic,
      Array.from({ length: 10 }, (_, index) => record(null, `${index}`)),
    );
    await plain.trim(topic, 0, 4);
    for (const log of [fast, plain]) {
      await expect(log.open(topic, 0).read(3)).rejects.toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
        facts: { offset: 3, start: 4, end: 10 },
      });
      await expect(log.open(topic, 0).read(11)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    }
    expect((await readBoth(topic, 4)).map(({ value }) => value)).toEqual(['4', '5', '6', '7', '8', '9']);
  });

  it('refuses compacted topics, and retention shorter than asked for', async () => {
    await makeTopic('compacted', { 'cleanup.policy': 'compact' });
    await expect(fast.ensureTopic('compacted', { partitions: 1 })).rejects.toMatchObject({
      code: 'TOPIC_SETTINGS_DIFFER',
      facts: { compacted: true },
    });
    await makeTopic('short', { 'retention.ms': '1000', 'message.timestamp.type': 'LogAppendTime' });
    const log = makeKafkaLog({ topicPrefix, topics: { retentionMs: 86_400_000 } });
    await expect(log.ensureTopic('short', { partitions: 1 })).rejects.toMatchObject({
      code: 'TOPIC_SETTINGS_DIFFER',
      facts: { retentionMs: 1_000 },
    });
    await log.ensureTopic('long', { partitions: 1 });
    expect(await log.report('long')).toMatchObject({ logTime: 'broker', retentionMs: 86_400_000, compacted: false });
    await log.close();
  });

  it('says that producers set log time where they do, and refuses it where it must not be (E11)', async () => {
    await makeTopic('producer-time', { 'message.timestamp.type': 'CreateTime' });
    await fast.ensureTopic('producer-time', { partitions: 1 });
    expect(said.join('\n')).toMatch(/CreateTime: log time is what producers say/);
    expect((await fast.report('producer-time')).logTime).toBe('producer');
    const future = systemClock().now() + 3_600_000;
    const messages = [{ value: 'from the future', timestamp: String(future) }];
    await producer.send({ topic: `${topicPrefix}producer-time`, messages });
    expect((await readBoth('producer-time')).map(({ time }) => time)).toEqual([future]);
    const strict = makeKafkaLog({ topicPrefix, topics: { brokerTimeRequired: true } });
    await expect(strict.ensureTopic('producer-time', { partitions: 1 })).rejects.toMatchObject({
      code: 'TOPIC_SETTINGS_DIFFER',
    });
    await strict.close();
  });

  it('takes the time of the broker for what it stores, whatever the producer says', async () => {
    await fast.ensureTopic('broker-time', { partitions: 1 });
    const before = systemClock().now();
    const messages = [
      { value: 'a', timestamp: '1000' },
      { value: 'b', timestamp: '2000' },
    ];
    await producer.send({ topic: `${topicPrefix}broker-time`, messages });
    const times = (await readBoth('broker-time')).map(({ time }) => time);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(before - 1_000);
  });

  it('bounds its backlog: many appends at once are all stored once, in order', async () => {
    const log = makeKafkaLog({ topicPrefix, maxBacklogBytes: 20_000 });
    await log.ensureTopic('backlog', { partitions: 1 });
    const results = await Promise.all(
      Array.from({ length: 300 }, (_, call) => log.append('backlog', [record('k', `${call}:${'x'.repeat(500)}`)])),
    );
    expect(results.map(({ offsets }) => offsets[0])).toEqual(results.map((_, call) => call));
    await log.close();
    expect((await readBoth('backlog')).map(({ value }) => value?.split(':')[0])).toEqual(
      results.map((_, call) => `${call}`),
    );
  });

  it('reads many partitions at once without one waiting for another', async () => {
    await fast.ensureTopic('many', { partitions: 12 });
    let ended = 0;
    const waits = Array.from({ length: 11 }, async (_, partition) => {
      const batch = await fast.open('many', partition).read(0, { waitMs: 5_000 });
      ended += 1;
      return batch.count;
    });
    expect((await fast.open('many', 11).read(0)).count).toBe(0);
    expect(ended).toBe(0);
    await fast.append(
      'many',
      Array.from({ length: 200 }, (_, index) => record(`k${index}`, 'v')),
    );
    const counts = await Promise.all(waits);
    expect(counts.every((count) => count > 0)).toBe(true);
  });
});

describe('without a broker', () => {
  it('names the address within its patience', async () => {
    const log = makeKafkaLog({ brokers: ['127.0.0.1:1'], patienceMs: 500, connectTimeoutMs: 500 });
    await expect(log.partitions('a')).rejects.toMatchObject({ code: 'LOG_IO', retryable: true });
    await expect(log.append('a', [record('k', 'v')])).rejects.toThrow(/127\.0\.0\.1:1/);
    await log.close();
  });
});
