import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Metadata, version 12: the first that gives a topic's id to whoever asks by name. */
export const metadataApi = { apiKey: 3, apiVersion: 12, apiName: 'Metadata' } as const;

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface PartitionPlace {
  readonly partition: number;
  /** Null while there is no leader. */
  readonly leader: BrokerAddress | null;
  /** Rises with each change of leader. */
  readonly leaderTerm: number;
}

export interface TopicPlace {
  readonly error: number;
  /** 32 hexadecimal digits; a topic that was deleted and created again has another. */
  readonly id: string;
  /** By number, without holes. */
  readonly partitions: readonly PartitionPlace[];
}

export function metadataRequest(topic: string): Buffer {
  const createsTopics = 0;
  const withOperations = 0;
  const writer = new WireWriter().noTags();
  writer.compactArray([topic], (name) => writer.bytes(new Uint8Array(16)).compactString(name).noTags());
  return writer.int8(createsTopics).int8(withOperations).noTags().finish();
}

export function metadataResponse(payload: Buffer): TopicPlace {
  const reader = new WireReader(payload);
  reader.tags();
  reader.int32();
  const brokers = new Map(
    reader.compactArray((): readonly [number, BrokerAddress] => {
      const node = reader.int32();
      const address = { host: reader.compactString() ?? '', port: reader.int32() };
      reader.compactString();
      reader.tags();
      return [node, address];
    }),
  );
  reader.compactString();
  reader.int32();
  const topics = reader.compactArray((): TopicPlace => {
    const error = reader.int16();
    reader.compactString();
    const id = reader.uuid();
    reader.int8();
    const partitions = reader.compactArray(() => readPartition(reader, brokers));
    reader.int32();
    reader.tags();
    return { error, id, partitions: partitions.sort((a, b) => a.partition - b.partition) };
  });
  return topics[0] ?? { error: -1, id: '', partitions: [] };
}

function readPartition(reader: WireReader, brokers: ReadonlyMap<number, BrokerAddress>): PartitionPlace {
  reader.int16();
  const partition = reader.int32();
  const leader = brokers.get(reader.int32()) ?? null;
  const leaderTerm = reader.int32();
  for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32());
  reader.tags();
  return { partition, leader, leaderTerm };
}
