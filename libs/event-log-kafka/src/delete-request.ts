import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** DeleteRecords, version 2. */
export const deleteApi = { apiKey: 21, apiVersion: 2, apiName: 'DeleteRecords' } as const;

/** Lets go of a partition's records below the offset. */
export function deleteRequest(topic: string, partition: number, below: number, timeoutMs: number): Buffer {
  const writer = new WireWriter().noTags();
  writer.compactArray([topic], (name) => {
    writer.compactString(name);
    writer.compactArray([partition], (number) => writer.int32(number).int64(below).noTags());
    writer.noTags();
  });
  return writer.int32(timeoutMs).noTags().finish();
}

/** Kafka's error code. */
export function deleteResponse(payload: Buffer): number {
  const reader = new WireReader(payload);
  reader.tags();
  reader.int32();
  const errors = reader.compactArray(() => {
    reader.compactString();
    const found = reader.compactArray(() => {
      reader.int32();
      reader.int64();
      const error = reader.int16();
      reader.tags();
      return error;
    });
    reader.tags();
    return found;
  });
  return errors.flat()[0] ?? -1;
}
