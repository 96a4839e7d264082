import type { RecordBatch } from '@twofold/schemas';

/** A record to append. The log gives it an offset and a time. */
export interface AppendRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Where it goes, whatever its key; for operators, whose output stands beside its input (E26). */
  readonly partition?: number;
}

/** Where appended records went: one entry an input record, in order. */
export interface AppendResult {
  readonly partitions: Int32Array;
  readonly offsets: Float64Array;
}

/** What a log knows of one partition. Offsets are rising; `[start, end)` can be read. */
export interface PartitionRange {
  readonly partition: number;
  /** First offset that is still there; rises with retention. */
  readonly start: number;
  /** One past the last durable offset. */
  readonly end: number;
}

/** The writing half of a log; all that an ingest door is given. */
export interface LogAppender {
  /**
   * Appends in order, keyed records to the partition of their key. Resolves when all are durable.
   * An error leaves it open which were appended (retry makes duplicates, which E9 counts once inside the horizon); those
   * of one partition that were are the first of them.
   * @throws UNKNOWN_PARTITION when a record names a partition that is not there; nothing is appended then.
   */
  append(topic: string, records: readonly AppendRecord[], signal?: AbortSignal): Promise<AppendResult>;
}

/** The reading half: a topic's partitions, by assigned partition and offset. */
export interface LogReader {
  /** Identity of the topic's log: another value means another log (deleted and created again), which is an incident. */
  identity(topic: string): Promise<string>;
  partitions(topic: string): Promise<readonly PartitionRange[]>;
  /**
   * Reads from an offset on, up to about `maxBytes`, never past the durable end and never past `to` when it is given.
   * At the end it waits up to `waitMs` for more and then gives an empty batch. The batch's buffer is valid until the
   * next read of the same cursor.
   * @throws OFFSET_OUT_OF_RANGE when `from` is below the start or above the end.
   */
  open(topic: string, partition: number): LogCursor;
}

export interface LogCursor {
  read(
    from: number,
    options?: { maxBytes?: number; waitMs?: number; to?: number; signal?: AbortSignal },
  ): Promise<RecordBatch>;
  close(): Promise<void>;
}

export interface LogAdmin {
  /** Creates the topic when it is not there; checks its settings when it is. Partitions can grow, never shrink. */
  ensureTopic(topic: string, settings: { partitions: number }): Promise<void>;
  /** Lets go of records below the offset, in whole segments: what is kept may begin earlier. */
  trim(topic: string, partition: number, below: number): Promise<void>;
}

/** An ordered, partitioned record of events; a place in it is `(topic, partition, offset)`. */
export interface EventLog extends LogAppender, LogReader, LogAdmin {
  close(): Promise<void>;
}
