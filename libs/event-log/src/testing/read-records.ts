import type { RecordBatch } from '@twofold/schemas';
import type { AppendRecord, LogReader } from '../event-log.ts';

/** One record, copied out of a batch so that a test can keep it. */
export interface ReadRecord {
  readonly offset: number;
  readonly time: number;
  /** Latin-1 text of the bytes: one character a byte, so that equal texts are equal bytes. */
  readonly key: string | null;
  readonly value: string | null;
}

/** A record to append, from latin-1 texts. */
export function record(key: string | null, value: string | null): AppendRecord {
  return {
    key: key === null ? null : Uint8Array.from(Buffer.from(key, 'latin1')),
    value: value === null ? null : Uint8Array.from(Buffer.from(value, 'latin1')),
  };
}

export function recordsOf(batch: RecordBatch): ReadRecord[] {
  const text = (starts: Int32Array, ends: Int32Array, row: number): string | null => {
    const start = starts[row] ?? -1;
    return start < 0 ? null : Buffer.from(batch.bytes.subarray(start, ends[row] ?? start)).toString('latin1');
  };
  return Array.from({ length: batch.count }, (_, row) => ({
    offset: batch.offsets[row] ?? Number.NaN,
    time: batch.times[row] ?? Number.NaN,
    key: text(batch.keyStarts, batch.keyEnds, row),
    value: text(batch.valueStarts, batch.valueEnds, row),
  }));
}

/** All records from `from` up to the partition's end as it is now. */
export async function readAll(
  log: LogReader,
  topic: string,
  partition: number,
  from: number,
  maxBytes: () => number = () => 1_048_576,
): Promise<ReadRecord[]> {
  const range = (await log.partitions(topic))[partition];
  const cursor = log.open(topic, partition);
  const found: ReadRecord[] = [];
  for (let next = from; next < (range?.end ?? 0);) {
    const batch = await cursor.read(next, { maxBytes: maxBytes() });
    found.push(...recordsOf(batch));
    next = batch.nextOffset;
  }
  await cursor.close();
  return found;
}
