import kafkajs, { type CompressionTypes, type Kafka, type Message, type Producer } from 'kafkajs';
import { kafkaFailure } from '../kafka-failures.ts';
import type { KafkaConnection } from '../kafka-options.ts';
import { connectionSettings } from '../kafkajs-settings.ts';
import { registerCodecs } from '../register-codecs.ts';

/** Bytes as somebody else would send them. */
export interface OtherMessage {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}
export type OtherCodec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

const codecs: Readonly<Record<OtherCodec, CompressionTypes>> = {
  none: kafkajs.CompressionTypes.None,
  gzip: kafkajs.CompressionTypes.GZIP,
  snappy: kafkajs.CompressionTypes.Snappy,
  lz4: kafkajs.CompressionTypes.LZ4,
  zstd: kafkajs.CompressionTypes.ZSTD,
};
const bytesOf = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));
const messageOf = ({ key, value }: OtherMessage): Message => ({ key: bytesOf(key), value: bytesOf(value) });
const maxBatchBytes = 16 * 2 ** 20;

/** Another program that produces to a topic and knows nothing of us. For tests: each call connects anew. */
export class OtherProducer {
  readonly #kafka: Kafka;

  constructor(connection: KafkaConnection) {
    registerCodecs(maxBatchBytes);
    this.#kafka = new kafkajs.Kafka({ ...connectionSettings(connection), logLevel: kafkajs.logLevel.NOTHING });
  }

  async send(topic: string, messages: readonly OtherMessage[], codec: OtherCodec = 'none'): Promise<void> {
    await this.#with(this.#kafka.producer({ allowAutoTopicCreation: false }), topic, (producer) =>
      producer.send({ topic, messages: messages.map(messageOf), acks: -1, compression: codecs[codec] }),
    );
  }

  /** Sends in a transaction, which is then committed or aborted. */
  async transact(topic: string, messages: readonly OtherMessage[], end: 'commit' | 'abort'): Promise<void> {
    const settings = { transactionalId: `other-${topic}`, maxInFlightRequests: 1, idempotent: true };
    const retry = { initialRetryTime: 50, retries: 10 };
    const producer = this.#kafka.producer({ ...settings, allowAutoTopicCreation: false, retry });
    await this.#with(producer, topic, async () => {
      const transaction = await producer.transaction();
      try {
        await transaction.send({ topic, messages: messages.map(messageOf) });
      } catch (error) {
        await transaction.abort();
        throw error;
      }
      await transaction[end]();
    });
  }

  /** A topic as somebody else has set it. */
  async makeTopic(topic: string, settings: Readonly<Record<string, string>>): Promise<void> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }] });
    } catch (error) {
      throw kafkaFailure(`making the topic ${topic}`, error);
    } finally {
      await admin.disconnect();
    }
  }

  async #with(producer: Producer, topic: string, use: (producer: Producer) => Promise<unknown>): Promise<void> {
    try {
      await producer.connect();
      await use(producer);
    } catch (error) {
      throw kafkaFailure(`producing to ${topic}`, error);
    } finally {
      await producer.disconnect();
    }
  }
}
