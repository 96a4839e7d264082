import kafkajs, { type Consumer } from 'kafkajs';
import { LogError } from '@twofold/event-log';
import type { Logger } from '@twofold/service';
import { kafkaFailure } from './kafka-failures.ts';
import type { KafkaConnection } from './kafka-options.ts';
import { kafkajsLogging } from './kafkajs-logging.ts';
import { connectionSettings } from './kafkajs-settings.ts';

export interface GroupOptions extends KafkaConnection {
  readonly groupId: string;
  /** Without the prefix. */
  readonly topics: readonly string[];
  readonly topicPrefix?: string;
  /** A member that was not heard of for so long loses its partitions. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** Default: a third of the session's timeout, at most 3,000. */
  readonly heartbeatMs?: number;
  readonly logger?: Logger;
}

export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Partitions whose group position is to be shown as this offset. */
export interface PositionHint extends AssignedPartition {
  readonly offset: number;
}

/**
 * Who reads what, agreed by Kafka's consumer group protocol. Nothing is read through the group: its offsets are
 * hints for dashboards, and what was read is known from our own progress (E6). A partition may have two readers for a
 * while, when one lost it without knowing; E5 makes that harmless.
 */
export interface GroupMembership {
  /**
   * The partitions that are this member's, each time they change, the latest only. Ends when `leave` is called.
   * @throws LOG_IO when the group can not be joined any more; the member is then out, and may be made anew
   */
  assignments(): AsyncIterable<readonly AssignedPartition[]>;
  /** Shows how far this member is. Never fails: a hint that was refused is left out. */
  hint(positions: readonly PositionHint[]): Promise<void>;
  /** Gives the partitions back at once, where a member that dies keeps them for the session's timeout. */
  leave(): Promise<void>;
}

/** The library's fetch loop also carries the heartbeats; with all partitions paused it turns once in so long. */
const turnMs = 250;
const metadataMaxAgeMs = 30_000;

export async function joinGroup(options: GroupOptions): Promise<GroupMembership> {
  const { groupId, topicPrefix = '', topics, sessionTimeoutMs = 10_000, logger } = options;
  const names = new Map(topics.map((topic) => [`${topicPrefix}${topic}`, topic]));
  const { level, logCreator } = kafkajsLogging(logger);
  const kafka = new kafkajs.Kafka({ ...connectionSettings(options), logLevel: level, logCreator });
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: options.heartbeatMs ?? Math.min(3_000, Math.floor(sessionTimeoutMs / 3)),
    maxWaitTimeInMs: turnMs,
    metadataMaxAge: metadataMaxAgeMs,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, restartOnFailure: async () => true },
  });
  const latest = new LatestAssignment();
  consumer.on('consumer.group_join', ({ payload }) => {
    consumer.pause([...names.keys()].map((topic) => ({ topic })));
    latest.set(
      Object.entries(payload.memberAssignment).flatMap(([name, partitions]) =>
        partitions.map((partition) => ({ topic: names.get(name) ?? name, partition })),
      ),
    );
  });
  consumer.on('consumer.crash', ({ payload }) => {
    if (!payload.restart) latest.fail(kafkaFailure(`membership of group "${groupId}"`, payload.error));
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...names.keys()] });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} });
  } catch (error) {
    await consumer.disconnect().catch(() => {});
    throw kafkaFailure(`joining group "${groupId}"`, error);
  }
  return {
    assignments: () => latest,
    hint: async (positions) => {
      const mine = positions.filter(({ topic }) => topics.includes(topic));
      await hint(consumer, topicPrefix, mine, logger);
    },
    leave: async () => {
      latest.end();
      await consumer.disconnect().catch(() => {});
    },
  };
}

async function hint(
  consumer: Consumer,
  prefix: string,
  positions: readonly PositionHint[],
  logger: Logger | undefined,
): Promise<void> {
  const offsets = positions.map(({ topic, partition, offset }) => ({
    topic: `${prefix}${topic}`,
    partition,
    offset: String(offset),
  }));
  try {
    await consumer.commitOffsets(offsets);
  } catch (error) {
    logger?.debug('the group did not take the positions; they are only for dashboards', { error: String(error) });
  }
}

/** Of several values that came while nobody asked, only the last is given. */
class LatestAssignment implements AsyncIterable<readonly AssignedPartition[]> {
  #value: readonly AssignedPartition[] | undefined;
  #failure: LogError | undefined;
  #ended = false;
  #wake: () => void = () => {};

  set(value: readonly AssignedPartition[]): void {
    this.#value = value;
    this.#wake();
  }

  fail(failure: LogError): void {
    this.#failure = failure;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly AssignedPartition[]> {
    for (;;) {
      if (this.#ended) return;
      if (this.#failure !== undefined) throw this.#failure;
      const value = this.#value;
      if (value !== undefined) {
        this.#value = undefined;
        yield value;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
