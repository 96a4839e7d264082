import kafkajs from 'kafkajs';
import { kafkaFailure } from '../kafka-failures.ts';
import type { KafkaConnection } from '../kafka-options.ts';
import { connectionSettings } from '../kafkajs-settings.ts';

/** Deletes the topics whose names begin so. Tests give back what they made with it. */
export async function deleteTopics(connection: KafkaConnection, prefix: string): Promise<void> {
  const admin = new kafkajs.Kafka({ ...connectionSettings(connection), logLevel: kafkajs.logLevel.NOTHING }).admin();
  try {
    await admin.connect();
    const topics = (await admin.listTopics()).filter((each) => each.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } catch (error) {
    throw kafkaFailure(`deleting the topics ${prefix}*`, error);
  } finally {
    await admin.disconnect();
  }
}
export * from './other-producer.ts';
