import {
  type AppendRecord,
  type AppendResult,
  type EventLog,
  type LogCursor,
  type PartitionRange,
  checkNamedPartitions,
  checkRecordSizes,
  logClosed,
  unknownPartition,
  unknownTopic,
} from '@twofold/event-log';
import type { Clock, Fs, FsLock, Ids } from '@twofold/service';
import { FrameCursor, type ViewSource } from './frame-cursor.ts';
import { GroupCommit, type WritableTopic } from './group-commit.ts';
import { ioFailure } from './log-failures.ts';
import { type PartitionSettings, openPartition } from './open-partition.ts';
import type { PartitionView } from './partition-view.ts';
import type { PartitionWriter } from './partition-writer.ts';
import { type TopicFacts, growTopic, partitionPlace, readTopic, topicFolder } from './topic-folder.ts';

interface OpenTopic extends WritableTopic {
  readonly identity: string;
}

export interface EmbeddedLogSettings extends PartitionSettings {
  readonly directory: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly maxRecordBytes: number;
}

/** The log of one folder, open for writing. Only `openEmbeddedLog` makes one. */
export class EmbeddedLog implements EventLog, ViewSource {
  readonly #settings: EmbeddedLogSettings;
  readonly #fs: Fs;
  readonly #lock: FsLock;
  readonly #commit: GroupCommit;
  readonly #topics = new Map<string, OpenTopic>();
  readonly #cursors = new Set<FrameCursor>();
  /** Changes of topics, one after the other. */
  #admin: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(settings: EmbeddedLogSettings, lock: FsLock, commit: GroupCommit) {
    this.#settings = settings;
    this.#fs = settings.fs;
    this.#lock = lock;
    this.#commit = commit;
  }

  /** Opens every topic of the folder. */
  async openTopics(): Promise<void> {
    const { directory } = this.#settings;
    await this.#fs.syncFolder(`${directory}/topics`);
    for (const topic of [...(await this.#fs.list(`${directory}/topics`))].sort()) {
      const facts = await readTopic(this.#fs, directory, topic);
      if (facts === null) continue;
      await this.#fs.syncFolder(topicFolder(directory, topic));
      await this.#openTopic(topic, facts);
    }
  }

  async append(topic: string, records: readonly AppendRecord[], signal?: AbortSignal): Promise<AppendResult> {
    signal?.throwIfAborted();
    const opened = this.#topic(topic);
    const bytes = checkRecordSizes(topic, records, this.#settings.maxRecordBytes);
    checkNamedPartitions(topic, records, opened.writers.length);
    if (records.length === 0) return { partitions: new Int32Array(0), offsets: new Float64Array(0) };
    return this.#commit.append(opened, records, bytes, signal);
  }

  async identity(topic: string): Promise<string> {
    return this.#topic(topic).identity;
  }

  async partitions(topic: string): Promise<readonly PartitionRange[]> {
    return this.#topic(topic).writers.map(({ view }) => ({
      partition: view.partition,
      start: view.start,
      end: view.end,
    }));
  }

  open(topic: string, partition: number): LogCursor {
    const cursor = new FrameCursor(this.#fs, this, topic, partition, () => this.#cursors.delete(cursor));
    this.#cursors.add(cursor);
    return cursor;
  }

  async ensureTopic(topic: string, settings: { partitions: number }): Promise<void> {
    await this.#oneByOne(async () => {
      const { directory, ids } = this.#settings;
      const opened = this.#topics.get(topic);
      const present = opened && { identity: opened.identity, partitions: opened.writers.length };
      const facts = await growTopic(this.#fs, ids, directory, topic, present ?? null, settings.partitions);
      await this.#openTopic(topic, facts);
    }, `making topic "${topic}"`);
  }

  async trim(topic: string, partition: number, below: number): Promise<void> {
    const { view } = this.#writer(topic, partition);
    await this.#oneByOne(async () => {
      for (;;) {
        const [oldest, next] = view.segments;
        if (oldest === undefined || next === undefined || next.base > below) break;
        // Oldest first, and out of the readers' sight before it is gone: what is left is always contiguous.
        view.segments.shift();
        await this.#fs.remove(oldest.path);
      }
      await this.#fs.syncFolder(view.folder);
    }, `trimming topic "${topic}"`);
  }

  /**
   * Closes the newest segment of a partition, so that `trim` can let go of everything in it.
   * @returns the first offset of the segment that appends go to from now on
   */
  async seal(topic: string, partition: number): Promise<number> {
    const writer = this.#writer(topic, partition);
    return this.#commit.between(() => writer.seal());
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async view(topic: string, partition: number): Promise<PartitionView> {
    return this.#writer(topic, partition).view;
  }

  async awaitMore(view: PartitionView, end: number, waitMs: number, signal?: AbortSignal): Promise<void> {
    if (waitMs > 0 && view.end <= end) await view.waiters.wait(this.#settings.clock, waitMs, signal);
  }

  async refresh(): Promise<void> {
    // The writer's view is what everything else is refreshed from.
  }

  #topic(name: string): OpenTopic {
    if (this.#closing !== null) throw logClosed();
    const topic = this.#topics.get(name);
    if (topic === undefined) throw unknownTopic(name);
    return topic;
  }

  #writer(name: string, partition: number): PartitionWriter {
    const { writers } = this.#topic(name);
    const writer = writers[partition];
    if (writer === undefined) throw unknownPartition(name, partition, writers.length);
    return writer;
  }

  /** Opens the partitions of a topic that are not open yet. */
  async #openTopic(name: string, facts: TopicFacts): Promise<void> {
    const known = this.#topics.get(name) ?? { name, identity: facts.identity, writers: [], turn: 0 };
    const opened: PartitionWriter[] = [];
    for (let partition = known.writers.length; partition < facts.partitions; partition++) {
      const place = partitionPlace(this.#settings.directory, name, partition, facts.identity);
      try {
        opened.push(await openPartition(this.#settings, place));
      } catch (error) {
        for (const writer of opened) await writer.close();
        throw error;
      }
    }
    known.writers.push(...opened);
    this.#topics.set(name, known);
  }

  async #oneByOne(work: () => Promise<void>, doing: string): Promise<void> {
    const turn = this.#admin.then(async () => {
      if (this.#closing !== null) throw logClosed();
      await work();
    });
    this.#admin = turn.catch(() => undefined);
    try {
      await turn;
    } catch (error) {
      throw ioFailure(doing, error);
    }
  }

  async #closeAll(): Promise<void> {
    await this.#admin;
    await this.#commit.close();
    for (const { writers } of this.#topics.values()) {
      for (const writer of writers) {
        writer.view.waiters.wake();
        await writer.close();
      }
    }
    for (const cursor of [...this.#cursors]) await cursor.close();
    await this.#lock.release();
  }
}
