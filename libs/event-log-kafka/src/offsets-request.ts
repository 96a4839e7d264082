import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** ListOffsets, version 7. */
export const offsetsApi = { apiKey: 2, apiVersion: 7, apiName: 'ListOffsets' } as const;

/** Instead of a time: the first offset that is still there, and one past the last that may be read. */
export const earliest = -2;
export const latest = -1;

const readCommitted = 1;

export function offsetsRequest(topic: string, partitions: readonly number[], time: number): Buffer {
  const writer = new WireWriter().noTags().int32(-1).int8(readCommitted);
  writer.compactArray([topic], (name) => {
    writer.compactString(name);
    writer.compactArray(partitions, (partition) => writer.int32(partition).int32(-1).int64(time).noTags());
    writer.noTags();
  });
  return writer.noTags().finish();
}

export interface PartitionOffset {
  readonly partition: number;
  readonly error: number;
  readonly offset: number;
}

export function offsetsResponse(payload: Buffer): PartitionOffset[] {
  const reader = new WireReader(payload);
  reader.tags();
  reader.int32();
  return reader
    .compactArray(() => {
      reader.compactString();
      const partitions = reader.compactArray(() => {
        const partition = reader.int32();
        const error = reader.int16();
        reader.int64();
        const offset = reader.int64();
        reader.int32();
        reader.tags();
        return { partition, error, offset };
      });
      reader.tags();
      return partitions;
    })
    .flat();
}
