import { LogError } from './errors.ts';
import type { AppendRecord } from './event-log.ts';

/** What key and value of one record may weigh together when nothing else is configured. */
export const defaultMaxRecordBytes = 1_048_576;

/** What a read gives at most, about, when nothing else is asked for. */
export const defaultReadBytes = 1_048_576;

/** Topic names are folder names and Kafka names: letters, digits, `.`, `_`, `-`, at most 200, and not only dots. */
export function checkTopicName(topic: string): void {
  if (/^[A-Za-z0-9._-]{1,200}$/.test(topic) && !/^\.+$/.test(topic)) return;
  throw new LogError(
    'TOPIC_NAME_INVALID',
    `"${topic.slice(0, 250)}" can not name a topic: use 1 to 200 letters, digits, ".", "_" or "-"`,
    { facts: { topic } },
  );
}

/**
 * Bytes of all keys and values.
 * @throws RECORD_TOO_LARGE for the first record above the limit, so that nothing of the batch is appended
 */
export function checkRecordSizes(topic: string, records: readonly AppendRecord[], maxRecordBytes: number): number {
  let total = 0;
  for (let index = 0; index < records.length; index++) {
    const record = records[index];
    if (record === undefined) continue;
    const bytes = (record.key?.byteLength ?? 0) + (record.value?.byteLength ?? 0);
    total += bytes;
    if (bytes <= maxRecordBytes) continue;
    throw new LogError(
      'RECORD_TOO_LARGE',
      `record ${index} for topic "${topic}" has ${bytes} bytes; the log takes at most ${maxRecordBytes} (maxRecordBytes)`,
      { facts: { topic, index, bytes, maxRecordBytes } },
    );
  }
  return total;
}

/** @throws OFFSET_OUT_OF_RANGE unless `start <= from <= end`. */
export function checkOffset(topic: string, partition: number, from: number, start: number, end: number): void {
  if (from >= start && from <= end) return;
  throw new LogError(
    'OFFSET_OUT_OF_RANGE',
    `topic "${topic}", partition ${partition}: offset ${from} was asked for; the log has [${start}, ${end})`,
    { facts: { topic, partition, offset: from, start, end } },
  );
}

/** @throws TOPIC_SETTINGS_DIFFER when the topic would shrink or has no partition at all. */
export function checkPartitionCount(topic: string, present: number, wanted: number): void {
  if (Number.isInteger(wanted) && wanted >= Math.max(1, present)) return;
  throw new LogError(
    'TOPIC_SETTINGS_DIFFER',
    `topic "${topic}" has ${present} partitions and ${wanted} were asked for: partitions can grow, never shrink`,
    { facts: { topic, present, wanted } },
  );
}

export function unknownTopic(topic: string): LogError {
  return new LogError('UNKNOWN_TOPIC', `the log has no topic "${topic}"; ensureTopic creates it`, { facts: { topic } });
}

export function unknownPartition(topic: string, partition: number, partitions: number): LogError {
  return new LogError('UNKNOWN_PARTITION', `topic "${topic}" has ${partitions} partitions; there is no ${partition}`, {
    facts: { topic, partition, partitions },
  });
}

/** @throws UNKNOWN_PARTITION for the first record that names a partition which is not there. */
export function checkNamedPartitions(topic: string, records: readonly AppendRecord[], partitions: number): void {
  for (const { partition } of records)
    if (partition !== undefined && !(Number.isInteger(partition) && partition >= 0 && partition < partitions))
      throw unknownPartition(topic, partition, partitions);
}

export function logClosed(): LogError {
  return new LogError('LOG_CLOSED', 'the log was closed; open it again');
}
