import { checkPartitionCount, checkTopicName } from '@twofold/event-log';
import type { Fs, Ids } from '@twofold/service';
import { makeDurableFolder } from './durable-folder.ts';
import { metaDamaged } from './log-failures.ts';
import { readMeta, writeMeta } from './meta-file.ts';
import { type PartitionPlace, createPartition } from './open-partition.ts';

/** What a topic's file says. */
export interface TopicFacts {
  readonly identity: string;
  readonly partitions: number;
}

const topicFile = 'topic.json';

export function topicFolder(directory: string, topic: string): string {
  return `${directory}/topics/${topic}`;
}

export function partitionPlace(directory: string, topic: string, partition: number, identity: string): PartitionPlace {
  return { topic, partition, identity, folder: `${topicFolder(directory, topic)}/${partition}` };
}

/** Null: there is no such topic, or its making was interrupted, which is the same. */
export async function readTopic(
  fs: Pick<Fs, 'open' | 'stat'>,
  directory: string,
  topic: string,
): Promise<TopicFacts | null> {
  const folder = topicFolder(directory, topic);
  const meta = await readMeta(fs, folder, topicFile);
  if (meta === null) return null;
  const { identity, partitions } = meta;
  if (typeof identity === 'string' && typeof partitions === 'number') return { identity, partitions };
  throw metaDamaged(`${folder}/${topicFile}`, 'it does not say identity and partitions');
}

/**
 * Makes a topic, or more partitions of it. The partitions are durable before the topic's file names them, so whatever
 * interrupts this leaves the topic as it was.
 *
 * @throws TOPIC_NAME_INVALID, TOPIC_SETTINGS_DIFFER
 */
export async function growTopic(
  fs: Fs,
  ids: Ids,
  directory: string,
  topic: string,
  present: TopicFacts | null,
  partitions: number,
): Promise<TopicFacts> {
  checkTopicName(topic);
  checkPartitionCount(topic, present?.partitions ?? 0, partitions);
  if (present?.partitions === partitions) return present;
  const folder = topicFolder(directory, topic);
  const grown = { identity: present?.identity ?? ids.next(), partitions };
  await makeDurableFolder(fs, folder);
  for (let partition = present?.partitions ?? 0; partition < partitions; partition++) {
    await createPartition(fs, partitionPlace(directory, topic, partition, grown.identity));
  }
  await writeMeta(fs, folder, topicFile, grown);
  return grown;
}
