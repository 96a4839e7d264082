import kafkajs, { type CompressionTypes, type Kafka, type Message, type Producer } from 'kafkajs';
import { LogError, logClosed } from '@twofold/event-log';
import { kafkaFailure } from './kafka-failures.ts';
import type { KafkaCompression } from './kafka-options.ts';
import { type QueuedCall, type QueuedRecord, takeForOneLeader, weightOf } from './queued-records.ts';

const compressions: Readonly<Record<KafkaCompression, CompressionTypes>> = {
  none: kafkajs.CompressionTypes.None,
  gzip: kafkajs.CompressionTypes.GZIP,
  snappy: kafkajs.CompressionTypes.Snappy,
  lz4: kafkajs.CompressionTypes.LZ4,
  zstd: kafkajs.CompressionTypes.ZSTD,
};

export interface QueueParts {
  readonly kafka: Kafka;
  readonly compression: KafkaCompression;
  readonly maxBacklogBytes: number;
  /** How often the client tries a send again before its outcome is unknown. */
  readonly retries: number;
  /** Where a partition is led, as far as is known. */
  readonly leaderOf: (topic: string, partition: number) => string;
}

/**
 * Sends what is appended in order, one request at a time, gathering what came meanwhile. The producer is idempotent: a
 * send that is tried again is stored once. A send whose outcome stays unknown ends its producer: the client would use
 * its sequence numbers again for other records, and the broker take those for repeats and drop them.
 */
export class AppendQueue {
  readonly #parts: QueueParts;
  readonly #waiting: QueuedRecord[] = [];
  #waitingBytes = 0;
  #room: (() => void)[] = [];
  #producer: Promise<Producer> | undefined;
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  /** Resolves when the backlog has room; in the order of the calls. */
  async room(signal?: AbortSignal): Promise<void> {
    while (!this.#closed && this.#waitingBytes >= this.#parts.maxBacklogBytes) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
      signal?.throwIfAborted();
    }
    if (this.#closed) throw logClosed();
  }

  /** Of one call, all at once, so that its records stand in order. */
  push(records: readonly QueuedRecord[]): void {
    for (const record of records) {
      this.#waiting.push(record);
      this.#waitingBytes += weightOf(record);
    }
    this.#working ??= this.#work();
  }

  /** Topics have got new partitions: the client looks at them only when it starts. */
  async renew(): Promise<void> {
    await this.#working?.catch(() => {});
    await this.#dropProducer();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const record of this.#waiting.splice(0)) record.call.settle(logClosed());
    this.#wakeWaiters();
    await this.#working?.catch(() => {});
    await this.#dropProducer();
  }

  async #work(): Promise<void> {
    // Calls of the same turn are gathered.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const sending = this.#next();
      try {
        await this.#send(sending);
        for (const { call } of sending) if (--call.left === 0) call.settle();
      } catch (error) {
        for (const { call } of sending) call.settle(error);
        this.#forget(new Set(sending.map(({ call }) => call)));
        await this.#dropProducer();
      }
    }
    this.#working = undefined;
  }

  /** Of a call that failed nothing more is sent: what is stored of it in a partition are its first records. */
  #forget(failed: ReadonlySet<QueuedCall>): void {
    const left = this.#waiting.filter(({ call }) => !failed.has(call));
    this.#waiting.splice(0, this.#waiting.length, ...left);
    this.#waitingBytes = left.reduce((sum, record) => sum + weightOf(record), 0);
    this.#wakeWaiters();
  }

  #next(): QueuedRecord[] {
    const { taken, bytes } = takeForOneLeader(this.#waiting, this.#parts.leaderOf);
    this.#waitingBytes -= bytes;
    this.#wakeWaiters();
    return taken;
  }

  #wakeWaiters(): void {
    const room = this.#room;
    this.#room = [];
    for (const wake of room) wake();
  }

  async #send(records: readonly QueuedRecord[]): Promise<void> {
    const topic = records[0]?.topic ?? '';
    const messages: Message[] = records.map(({ key, value, partition }) => ({ key, value, partition }));
    const doing = `appending ${records.length} records to topic "${topic}"`;
    let producer: Producer;
    try {
      producer = await (this.#producer ??= this.#start());
    } catch (error) {
      throw kafkaFailure(doing, error);
    }
    const answers = await producer
      .send({ topic, messages, acks: -1, compression: compressions[this.#parts.compression] })
      .catch((error: unknown) => {
        throw appendFailure(doing, error);
      });
    const next = new Map(answers.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
    for (const { partition, result, index } of records) {
      const offset = next.get(partition);
      // The client leaves out partitions that its metadata does not know.
      if (offset === undefined || offset < 0) {
        throw outcomeUnknown(doing, new TypeError(`no offset came back for partition ${partition}`));
      }
      result[index] = offset;
      next.set(partition, offset + 1);
    }
  }

  async #start(): Promise<Producer> {
    const producer = this.#parts.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
      retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: this.#parts.retries },
    });
    await producer.connect();
    return producer;
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.then((each) => each.disconnect()).catch(() => {});
  }
}

function appendFailure(doing: string, error: unknown): LogError {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE') {
    return new LogError('RECORD_TOO_LARGE', `${doing}: the topic's max.message.bytes is smaller`, { cause: error });
  }
  if (type === 'TOPIC_AUTHORIZATION_FAILED' || type === 'CLUSTER_AUTHORIZATION_FAILED') {
    return kafkaFailure(doing, error);
  }
  return outcomeUnknown(doing, error);
}

function outcomeUnknown(doing: string, error: unknown): LogError {
  const why = error instanceof Error ? error.message : String(error);
  return new LogError(
    'APPEND_OUTCOME_UNKNOWN',
    `${doing}: ${why}. Some of them may be stored; appending again stores them twice, which counts once (E9).`,
    { retryable: true, cause: error },
  );
}
