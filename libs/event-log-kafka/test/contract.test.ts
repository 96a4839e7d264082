import { Kafka, logLevel } from 'kafkajs';
import { describe, it } from 'vitest';
import { eventLogContract } from '@twofold/event-log/testing';
import { KafkaLog } from '@twofold/event-log-kafka';
import { brokers, freshPrefix, makeKafkaLog } from './test-log.ts';

/** Both ways to read keep the whole contract on a real broker, and each is the other's witness. */
const addresses = brokers;
for (const reader of ['fast', 'plain'] as const) {
  const name = `the log on Kafka, ${reader} reader,`;
  if (addresses === null) {
    describe.skip(`${name} needs a broker`, () => {
      it('is skipped', () => {});
    });
    continue;
  }
  eventLogContract(name, async ({ maxRecordBytes }) => {
    const topicPrefix = freshPrefix();
    const open = (): KafkaLog => makeKafkaLog({ topicPrefix, maxRecordBytes, reader });
    const kafka = new Kafka({ brokers: [...addresses], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    let log = open();
    return {
      log,
      serverTime: true,
      reopen: async () => {
        await log.close();
        return (log = open());
      },
      recreate: async (topic) => {
        const { length } = await log.partitions(topic);
        await log.close();
        await admin.deleteTopics({ topics: [`${topicPrefix}${topic}`] });
        log = open();
        await log.ensureTopic(topic, { partitions: length });
        return log;
      },
      dispose: async () => {
        const topics = (await admin.listTopics()).filter((each) => each.startsWith(topicPrefix));
        if (topics.length > 0) await admin.deleteTopics({ topics });
        await admin.disconnect();
      },
    };
  });
}
