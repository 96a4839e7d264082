import kafkajs from 'kafkajs';
import {
  type AppendRecord,
  type AppendResult,
  type EventLog,
  type LogCursor,
  type PartitionRange,
  checkNamedPartitions,
  checkRecordSizes,
  choosePartition,
  defaultMaxRecordBytes,
  logClosed,
} from '@twofold/event-log';
import { AppendQueue } from './append-queue.ts';
import { BrokerLinks } from './broker-links.ts';
import { createFastFetcher } from './fast-fetcher.ts';
import type { KafkaLogOptions } from './kafka-options.ts';
import { kafkajsLogging } from './kafkajs-logging.ts';
import { connectionSettings } from './kafkajs-settings.ts';
import { PartitionCursor } from './partition-cursor.ts';
import { createPlainFetcher } from './plain-fetcher.ts';
import type { QueuedRecord } from './queued-records.ts';
import { registerCodecs } from './register-codecs.ts';
import { TopicAdmin, type TopicReport } from './topic-admin.ts';
import { TopicDirectory } from './topic-directory.ts';

const defaults = { maxBacklogBytes: 16 * 1_048_576, maxBatchBytes: 64 * 1_048_576, patienceMs: 10_000 } as const;

/** The event log over Apache Kafka. */
export class KafkaLog implements EventLog {
  readonly #options: KafkaLogOptions;
  readonly #links: BrokerLinks;
  readonly #directory: TopicDirectory;
  readonly #admin: TopicAdmin;
  readonly #queue: AppendQueue;
  readonly #maxRecordBytes: number;
  readonly #closing = new AbortController();
  /** Of records without a key, by topic. */
  readonly #turns = new Map<string, number>();

  constructor(options: KafkaLogOptions) {
    const { clock, logger, topicPrefix = '', topics = {}, compression = 'lz4' } = options;
    const { patienceMs = defaults.patienceMs, maxBacklogBytes = defaults.maxBacklogBytes } = options;
    registerCodecs(options.maxBatchBytes ?? defaults.maxBatchBytes);
    this.#options = options;
    this.#maxRecordBytes = options.maxRecordBytes ?? defaultMaxRecordBytes;
    this.#links = new BrokerLinks(options);
    this.#directory = new TopicDirectory({ links: this.#links, clock, prefix: topicPrefix, patienceMs });
    const { level, logCreator } = kafkajsLogging(logger);
    const kafka = new kafkajs.Kafka({
      ...connectionSettings(options),
      ...{ logLevel: level, logCreator },
      retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: retriesFor(patienceMs) },
    });
    this.#admin = new TopicAdmin({
      ...{ kafka, directory: this.#directory, clock, settings: topics, patienceMs, logger },
      maxRecordBytes: this.#maxRecordBytes,
    });
    this.#queue = new AppendQueue({
      ...{ kafka, compression, maxBacklogBytes, retries: retriesFor(patienceMs) },
      leaderOf: (name, partition) => this.#directory.lastLeader(name, partition),
    });
  }

  async append(topic: string, records: readonly AppendRecord[], signal?: AbortSignal): Promise<AppendResult> {
    signal?.throwIfAborted();
    this.#throwIfClosed();
    checkRecordSizes(topic, records, this.#maxRecordBytes);
    const result = { partitions: new Int32Array(records.length), offsets: new Float64Array(records.length) };
    // Callers may use their buffers again as soon as this returns its promise.
    const copies = records.map(({ key, value, partition }) => ({ key: copyOf(key), value: copyOf(value), partition }));
    const { partitions } = await this.#directory.topic(topic);
    checkNamedPartitions(topic, records, partitions.length);
    await this.#queue.room(signal);
    if (records.length === 0) return result;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const call = {
      left: records.length,
      settle: (error?: unknown) => {
        if (error === undefined) resolve(undefined);
        else reject(error);
      },
    };
    const name = this.#directory.nameOf(topic);
    const queued = copies.map(({ key, value, partition: named }, index): QueuedRecord => {
      const partition = named ?? choosePartition(key, partitions.length, key === null ? this.#turn(topic) : 0);
      result.partitions[index] = partition;
      return { topic: name, partition, key, value, result: result.offsets, index, call };
    });
    this.#queue.push(queued);
    await promise;
    return result;
  }

  async identity(topic: string): Promise<string> {
    this.#throwIfClosed();
    const found = await this.#directory.refresh(topic);
    return (found.error === 0 ? found : await this.#directory.topic(topic)).id;
  }

  async partitions(topic: string): Promise<readonly PartitionRange[]> {
    this.#throwIfClosed();
    await this.#directory.refresh(topic);
    const { partitions } = await this.#directory.topic(topic);
    const numbers = partitions.map(({ partition }) => partition);
    const ranges = await this.#directory.ranges(topic, numbers);
    return ranges.map((range, index) => ({ partition: numbers[index] ?? index, ...range }));
  }

  open(topic: string, partition: number): LogCursor {
    const { clock, reader = 'fast', maxBatchBytes = defaults.maxBatchBytes } = this.#options;
    const { patienceMs = defaults.patienceMs } = this.#options;
    const fetcher =
      reader === 'fast'
        ? createFastFetcher(this.#links, { topic, partition }, maxBatchBytes)
        : createPlainFetcher(this.#links, this.#directory.nameOf(topic));
    const { signal: closing } = this.#closing;
    return new PartitionCursor({ topic, partition, fetcher, clock, patienceMs, closing, directory: this.#directory });
  }

  async ensureTopic(topic: string, { partitions }: { partitions: number }): Promise<void> {
    this.#throwIfClosed();
    if (await this.#admin.ensure(topic, partitions)) await this.#queue.renew();
  }

  async trim(topic: string, partition: number, below: number): Promise<void> {
    this.#throwIfClosed();
    await this.#admin.trim(topic, partition, below);
  }

  /** How the topic is set, as far as exactness depends on it. */
  async report(topic: string): Promise<TopicReport> {
    this.#throwIfClosed();
    return this.#admin.report(topic);
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(logClosed());
    await this.#queue.close();
    await Promise.all([this.#admin.close(), this.#links.close()]);
  }

  #turn(topic: string): number {
    const turn = this.#turns.get(topic) ?? 0;
    this.#turns.set(topic, turn + 1);
    return turn;
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted) throw logClosed();
  }
}

function copyOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}

/** The client waits twice as long after each try, up to a second: after four it waits about that long. */
function retriesFor(patienceMs: number): number {
  return 4 + Math.ceil(patienceMs / 1_000);
}
