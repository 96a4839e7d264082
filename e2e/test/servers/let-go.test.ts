import { archivedEnd } from '@twofold/archive';
import { compareView, readWholeLog } from '@twofold/cli';
import { SensorEvents } from '@twofold/event-generator';
import { OtherProducer } from '@twofold/event-log-kafka/testing';
import { ServerProject, until, type ServiceProcess } from '@twofold/e2e';
import { expect, test } from 'vitest';
import { expectEqual, overServers, rowsOf } from './over-servers.ts';

const STREAM = 'sensor-readings';
type Platform = Awaited<ReturnType<ServerProject['openToWrite']>>;

overServers('a log that lets go of records', (servers) => {
  test(
    'E7: what Kafka no longer has, and the speed layer had not read, comes from the archive',
    { timeout: 300_000 },
    async () => {
      const plant = await ServerProject.make(servers);
      try {
        const { speed, platform, send } = await started(plant);
        await send(3_000);
        await plant.fresh(platform);
        await speed.kill('SIGTERM');
        const read = await platform.store.progress.read({ view: 'sensorMinute', version: 1 });
        await send(5_000);
        await until('all is archived', () => isArchived(platform), { state: () => plant.tails() });
        await trimToArchive(plant, platform);
        await send(2_000);
        const topic = plant.topic(STREAM);
        const skipped = (await platform.events.partitions(topic)).map(({ partition, start }) => {
          const next = read.find((each) => each.partition === partition && each.lane === 'base')?.next ?? 0;
          return start - next;
        });
        expect(Math.max(...skipped)).toBeGreaterThan(0);
        speed.restart();
        await speed.ready();
        const freshMs = await plant.fresh(platform);
        const proof = await plant.compare(platform, STREAM);
        expect(proof.applied).toBe(10_000);
        expectEqual(proof);
        await platform.close();
        console.log(
          `fresh ${freshMs.toFixed(0)} ms after it was ready, ${skipped.join(', ')} positions from the archive; ${rowsOf(proof)}`,
        );
      } finally {
        await plant.remove();
      }
    },
  );

  test(
    'E13: the alarm comes before the loss; a loss is named, and no answer has a hole',
    { timeout: 300_000 },
    async () => {
      const plant = await ServerProject.make(servers);
      try {
        // Kafka looks after its retention every five minutes only: what it says counts here, not what it does.
        const topic = plant.topic(STREAM);
        const other = new OtherProducer({ brokers: [servers.kafka] });
        await other.makeTopic(topic, { 'retention.ms': '60000', 'message.timestamp.type': 'LogAppendTime' });
        const { speed, batch, platform, send } = await started(plant);
        await send(3_000);
        await until('all is archived', () => isArchived(platform), { state: () => plant.tails() });
        await batch.kill('SIGTERM');
        await send(2_000);
        await plant.fresh(platform);
        const alarmMs = await until('the alarm is raised', () => speed.stderr.includes('ARCHIVE_BEHIND'), {
          state: () => speed.tail(),
        });
        const state = await platform.archive.head(STREAM);
        for (const { partition, start } of await platform.events.partitions(topic))
          expect(start).toBeLessThanOrEqual(archivedEnd(state, partition));

        // What the alarm has warned of: the log lets go of more than is archived.
        const stream = platform.topics.find((each) => each.topic === topic);
        const log = stream === undefined ? [] : await readWholeLog(stream, platform.log);
        for (const { partition, end } of await platform.events.partitions(topic))
          await platform.events.trim(topic, partition, end - 10);
        batch.restart();
        await until(
          'the batch layer names the loss',
          async () => /LOG_LOST_BEFORE_ARCHIVE/.test(await batch.reasons()),
          {
            state: () => batch.tail(),
          },
        );
        expect(await batch.status('/ready')).toBe(503);
        await speed.kill('SIGTERM');
        speed.restart();
        await until('the speed layer names it', async () => /OFFSET_OUT_OF_RANGE/.test(await speed.reasons()), {
          state: () => speed.tail(),
        });
        // What was read before the loss is answered as before.
        for (const view of plant.project.views.filter((each) => each.stream.name === STREAM))
          expect(await compareView(view, log, platform)).toMatchObject({ view: view.name, difference: null });
        await platform.close();
        console.log(`the alarm came after ${alarmMs.toFixed(0)} ms, of 60000 that the topic keeps records`);
      } finally {
        await plant.remove();
      }
    },
  );
});

async function started(plant: ServerProject): Promise<{
  speed: ServiceProcess;
  batch: ServiceProcess;
  platform: Platform;
  send: (count: number) => Promise<void>;
}> {
  const [speed, batch] = await Promise.all([plant.start('speed'), plant.start('batch')]);
  await Promise.all([speed, batch].map((each) => each.ready()));
  const platform = await plant.openToWrite();
  const events = new SensorEvents({ seed: 17, sensors: 50, ratePerSecond: 200, malformed: 0, duplicate: 0 });
  const send = async (count: number): Promise<void> => {
    await platform.events.append(plant.topic(STREAM), events.take(count));
  };
  return { speed, batch, platform, send };
}

async function isArchived({ archive, events, topics }: Platform): Promise<boolean> {
  const topic = topics.find(({ stream }) => stream.name === STREAM)?.topic ?? '';
  const state = await archive.head(STREAM);
  return (await events.partitions(topic)).every(({ partition, end }) => archivedEnd(state, partition) >= end);
}

async function trimToArchive(plant: ServerProject, { archive, events }: Platform): Promise<void> {
  const topic = plant.topic(STREAM);
  const state = await archive.head(STREAM);
  for (const { partition } of await events.partitions(topic))
    await events.trim(topic, partition, archivedEnd(state, partition));
}
