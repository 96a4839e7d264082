import { EndWaiters, type LogClock } from './end-waiters.ts';
import type { AppendRecord, AppendResult, EventLog, LogCursor } from './event-log.ts';
import { type Entry, takeEntries } from './take-entries.ts';
import { choosePartition } from './partitioner.ts';
import * as refuse from './refusals.ts';

/** The log in memory, with what only a test may do to a log. Each read overwrites the batch before it. */
export interface MemoryLog extends EventLog {
  /** Adds positions without a record, as a transaction marker does. */
  addControl(topic: string, partition: number, count: number): void;
  /** The topic is deleted and made again: empty, from offset 0, with another identity. */
  recreate(topic: string): void;
}

type Partition = { start: number; entries: Entry[]; waiters: EndWaiters; lastTime: number };
type Topic = { identity: string; partitions: Partition[]; turn: number };

export function createMemoryLog(options: {
  clock: LogClock;
  maxRecordBytes?: number;
  ids?: { next(): string };
}): MemoryLog {
  const { clock, maxRecordBytes = refuse.defaultMaxRecordBytes } = options;
  const topics = new Map<string, Topic>();
  let made = 0;
  let closed = false;
  const newPartition = (): Partition => ({ start: 0, entries: [], waiters: new EndWaiters(), lastTime: -Infinity });
  const newIdentity = (): string => options.ids?.next() ?? `memory-${(made += 1)}`;

  function topicOf(name: string): Topic {
    if (closed) throw refuse.logClosed();
    const topic = topics.get(name);
    if (topic === undefined) throw refuse.unknownTopic(name);
    return topic;
  }
  function partitionOf(name: string, number: number): Partition {
    const topic = topicOf(name);
    const partition = topic.partitions[number];
    if (partition === undefined) throw refuse.unknownPartition(name, number, topic.partitions.length);
    return partition;
  }
  const endOf = (partition: Partition): number => partition.start + partition.entries.length;

  function appendAll(name: string, records: readonly AppendRecord[]): AppendResult {
    const topic = topicOf(name);
    refuse.checkRecordSizes(name, records, maxRecordBytes);
    refuse.checkNamedPartitions(name, records, topic.partitions.length);
    const result = { partitions: new Int32Array(records.length), offsets: new Float64Array(records.length) };
    for (const [index, { key, value, partition: named }] of records.entries()) {
      const number = named ?? choosePartition(key, topic.partitions.length, topic.turn);
      if (key === null && named === undefined) topic.turn += 1;
      const partition = partitionOf(name, number);
      result.partitions[index] = number;
      result.offsets[index] = endOf(partition);
      partition.lastTime = Math.max(partition.lastTime, clock.now());
      partition.entries.push({ time: partition.lastTime, key: key?.slice() ?? null, value: value?.slice() ?? null });
    }
    for (const number of new Set(result.partitions)) partitionOf(name, number).waiters.wake();
    return result;
  }

  function openCursor(name: string, number: number): LogCursor {
    let last: Uint8Array | undefined;
    return {
      read: async (from, { maxBytes = refuse.defaultReadBytes, waitMs = 0, to = Infinity, signal } = {}) => {
        signal?.throwIfAborted();
        last?.fill(0xdb);
        const before = partitionOf(name, number);
        if (from === endOf(before) && to > from && waitMs > 0) await before.waiters.wait(clock, waitMs, signal);
        const partition = partitionOf(name, number);
        refuse.checkOffset(name, number, from, partition.start, endOf(partition));
        const found = takeEntries(partition, number, from, Math.min(to, endOf(partition)), maxBytes);
        last = found.bytes;
        return found;
      },
      close: async () => {},
    };
  }

  return {
    append: async (name, records, signal) => {
      signal?.throwIfAborted();
      return appendAll(name, records);
    },
    identity: async (name) => topicOf(name).identity,
    partitions: async (name) =>
      topicOf(name).partitions.map((each, partition) => ({ partition, start: each.start, end: endOf(each) })),
    open: openCursor,
    ensureTopic: async (name, { partitions }) => {
      if (closed) throw refuse.logClosed();
      refuse.checkTopicName(name);
      const topic = topics.get(name) ?? { identity: newIdentity(), partitions: [], turn: 0 };
      refuse.checkPartitionCount(name, topic.partitions.length, partitions);
      topics.set(name, topic);
      while (topic.partitions.length < partitions) topic.partitions.push(newPartition());
    },
    trim: async (name, number, below) => {
      const partition = partitionOf(name, number);
      const start = Math.min(Math.max(partition.start, below), endOf(partition));
      partition.entries.splice(0, start - partition.start);
      partition.start = start;
    },
    close: async () => {
      closed = true;
      for (const topic of topics.values()) for (const partition of topic.partitions) partition.waiters.wake();
    },
    addControl: (name, number, count) => {
      const partition = partitionOf(name, number);
      for (let i = 0; i < count; i++) partition.entries.push({ time: 0, key: undefined, value: null });
      partition.waiters.wake();
    },
    recreate: (name) => {
      const old = topicOf(name).partitions;
      topics.set(name, { identity: newIdentity(), partitions: old.map(newPartition), turn: 0 });
      for (const partition of old) partition.waiters.wake();
    },
  };
}
