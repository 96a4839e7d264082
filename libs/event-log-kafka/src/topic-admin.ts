import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { LogError, checkPartitionCount, checkTopicName } from '@twofold/event-log';
import type { Clock, Logger } from '@twofold/service';
import { isConnectionError, kafkaFailure } from './kafka-failures.ts';
import type { KafkaTopicSettings } from './kafka-options.ts';
import type { TopicDirectory } from './topic-directory.ts';

export interface TopicAdminParts {
  readonly kafka: Kafka;
  readonly directory: TopicDirectory;
  readonly clock: Clock;
  readonly settings: KafkaTopicSettings;
  readonly maxRecordBytes: number;
  readonly patienceMs: number;
  readonly logger: Logger | undefined;
}

/** What a topic is set to, as far as exactness depends on it. */
export interface TopicReport {
  readonly partitions: number;
  /** Who sets log time: `broker` is what E11's check needs; with `producer` it is off. */
  readonly logTime: 'broker' | 'producer';
  readonly compacted: boolean;
  /** Null: for ever. */
  readonly retentionMs: number | null;
  readonly retentionBytes: number | null;
  /** A segment is closed, and can go, after so long at the latest; null: the broker does not say. */
  readonly segmentMs: number | null;
  readonly maxBatchBytes: number;
}

/** A batch's header and its records' own fields, on top of one record's key and value. */
const frameBytes = 512;

/** What of a topic's settings matters. */
const settingNames = [
  'cleanup.policy',
  'message.timestamp.type',
  'retention.ms',
  'retention.bytes',
  'segment.ms',
  'max.message.bytes',
];

/** Makes topics, checks those that are there, and lets go of their oldest records. */
export class TopicAdmin {
  readonly #parts: TopicAdminParts;
  #admin: Promise<Admin> | undefined;

  constructor(parts: TopicAdminParts) {
    this.#parts = parts;
  }

  /** True when partitions were added to a topic that was there. */
  async ensure(topic: string, partitions: number): Promise<boolean> {
    checkTopicName(topic);
    const { directory } = this.#parts;
    let found = await directory.find(topic);
    if (found === null) {
      checkPartitionCount(topic, 0, partitions);
      await this.#create(topic, partitions);
      found = await this.#untilThere(topic, 1);
    }
    checkPartitionCount(topic, found.partitions.length, partitions);
    this.#checkReport(topic, await this.report(topic));
    if (found.partitions.length >= partitions) return false;
    await this.#run(`adding partitions to topic "${topic}"`, (admin) =>
      admin.createPartitions({ topicPartitions: [{ topic: directory.nameOf(topic), count: partitions }] }),
    ).catch(async (error: unknown) => {
      // Somebody else may have added them.
      const now = await directory.find(topic);
      if (now === null || now.partitions.length < partitions) throw error;
    });
    await this.#untilThere(topic, partitions);
    return true;
  }

  async report(topic: string): Promise<TopicReport> {
    const { directory } = this.#parts;
    const { partitions } = await directory.topic(topic);
    const { resources } = await this.#run(`reading the settings of topic "${topic}"`, (admin) =>
      admin.describeConfigs({
        resources: [
          { type: kafkajs.ConfigResourceTypes.TOPIC, name: directory.nameOf(topic), configNames: settingNames },
        ],
        includeSynonyms: false,
      }),
    );
    const entries = new Map(
      resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]),
    );
    const limit = (name: string): number | null => {
      const value = Number(entries.get(name) ?? -1);
      return value < 0 ? null : value;
    };
    return {
      partitions: partitions.length,
      logTime: entries.get('message.timestamp.type') === 'LogAppendTime' ? 'broker' : 'producer',
      compacted: (entries.get('cleanup.policy') ?? '').includes('compact'),
      retentionMs: limit('retention.ms'),
      retentionBytes: limit('retention.bytes'),
      segmentMs: limit('segment.ms'),
      maxBatchBytes: limit('max.message.bytes') ?? Infinity,
    };
  }

  async trim(topic: string, partition: number, below: number): Promise<void> {
    const { directory } = this.#parts;
    await directory.partition(topic, partition);
    const [range = { start: 0, end: 0 }] = await directory.ranges(topic, [partition]);
    const offset = Math.min(below, range.end);
    if (offset > range.start) await directory.deleteBelow(topic, partition, offset);
  }

  async close(): Promise<void> {
    await this.#admin?.then((admin) => admin.disconnect()).catch(() => {});
  }

  async #create(topic: string, partitions: number): Promise<void> {
    const { directory, settings, maxRecordBytes } = this.#parts;
    const configEntries = [
      { name: 'cleanup.policy', value: 'delete' },
      { name: 'message.timestamp.type', value: 'LogAppendTime' },
      { name: 'max.message.bytes', value: String(Math.max(1_048_588, maxRecordBytes + frameBytes)) },
      ...(settings.retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(settings.retentionMs) }]),
    ];
    const made = { topic: directory.nameOf(topic), numPartitions: partitions, configEntries };
    const { replicationFactor = -1 } = settings;
    // Gives false when somebody else has just made it; the checks that follow are the same.
    await this.#run(`creating topic "${topic}"`, (admin) =>
      admin.createTopics({ topics: [{ ...made, replicationFactor }], waitForLeaders: false }),
    );
  }

  #checkReport(topic: string, report: TopicReport): void {
    const { settings, logger, maxRecordBytes } = this.#parts;
    const refuse = (why: string): LogError =>
      new LogError('TOPIC_SETTINGS_DIFFER', `topic "${topic}" ${why}`, { facts: { topic, ...report } });
    if (report.compacted) {
      throw refuse(
        'is compacted (cleanup.policy): records vanish from it that were counted. Use a topic with "delete".',
      );
    }
    if (report.logTime === 'producer') {
      const why =
        'has message.timestamp.type=CreateTime: log time is what producers say, and events from the future are not refused';
      if (settings.brokerTimeRequired === true) throw refuse(`${why}; set LogAppendTime`);
      logger?.warn(`topic "${topic}" ${why}`, { topic });
    }
    const { retentionMs } = settings;
    if (retentionMs !== undefined && report.retentionMs !== null && report.retentionMs < retentionMs) {
      throw refuse(`keeps records for ${report.retentionMs} ms (retention.ms), and ${retentionMs} are asked for`);
    }
    if (report.maxBatchBytes < maxRecordBytes + frameBytes) {
      logger?.warn(`topic "${topic}" takes batches of ${report.maxBatchBytes} bytes: larger records are refused`, {
        topic,
      });
    }
  }

  async #untilThere(topic: string, partitions: number): ReturnType<TopicDirectory['refresh']> {
    const { directory, clock, patienceMs } = this.#parts;
    for (const until = clock.monotonic() + patienceMs; ;) {
      const found = await directory.find(topic);
      const led = found?.partitions.filter(({ leader }) => leader !== null).length ?? 0;
      if (found !== null && led >= Math.max(partitions, found.partitions.length)) return found;
      if (clock.monotonic() > until) {
        throw new LogError('LOG_IO', `topic "${topic}" has ${led} led partitions of ${partitions}`, {
          retryable: true,
        });
      }
      await clock.sleep(50);
    }
  }

  async #run<T>(doing: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await work(await (this.#admin ??= this.#connect()));
    } catch (error) {
      if (isConnectionError(error)) {
        void this.close();
        this.#admin = undefined;
      }
      throw kafkaFailure(doing, error);
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#parts.kafka.admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      this.#admin = undefined;
      throw error;
    }
  }
}
