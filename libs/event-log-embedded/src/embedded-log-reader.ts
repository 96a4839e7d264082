import {
  type LogCursor,
  type LogReader,
  type PartitionRange,
  logClosed,
  unknownPartition,
  unknownTopic,
} from '@twofold/event-log';
import type { Clock, Fs } from '@twofold/service';
import { EndFile } from './end-file.ts';
import { FrameCursor, type ViewSource } from './frame-cursor.ts';
import { damaged, ioFailure } from './log-failures.ts';
import { endFileName } from './open-partition.ts';
import { PartitionView } from './partition-view.ts';
import { listSegments } from './segment-files.ts';
import { type TopicFacts, partitionPlace, readTopic } from './topic-folder.ts';

/** Reads a log that a process may be writing at the same time. Sees what its writer published as durable. */
export interface FollowedLog extends LogReader {
  close(): Promise<void>;
}

export interface FollowSettings {
  readonly directory: string;
  readonly fs: Fs;
  readonly clock: Clock;
  /** How long a reader at the end sleeps between two looks at it. */
  readonly pollMs: number;
}

interface FollowedPartition {
  readonly view: PartitionView;
  readonly endFile: EndFile;
  /** Looks at the files, one after the other: of two at once the older could undo what the newer found. */
  looking: Promise<unknown>;
}

interface FollowedTopic {
  facts: TopicFacts;
  readonly partitions: Map<number, FollowedPartition>;
}

export class EmbeddedLogReader implements FollowedLog, ViewSource {
  readonly #settings: FollowSettings;
  readonly #topics = new Map<string, FollowedTopic>();
  readonly #cursors = new Set<FrameCursor>();
  readonly #stop = new AbortController();

  constructor(settings: FollowSettings) {
    this.#settings = settings;
  }

  async identity(topic: string): Promise<string> {
    return (await this.#learn(topic)).facts.identity;
  }

  async partitions(topic: string): Promise<readonly PartitionRange[]> {
    const { facts } = await this.#learn(topic);
    const ranges: PartitionRange[] = [];
    for (let partition = 0; partition < facts.partitions; partition++) {
      const view = await this.view(topic, partition);
      await this.refresh(view);
      ranges.push({ partition, start: view.start, end: view.end });
    }
    return ranges;
  }

  open(topic: string, partition: number): LogCursor {
    const cursor = new FrameCursor(this.#settings.fs, this, topic, partition, () => this.#cursors.delete(cursor));
    this.#cursors.add(cursor);
    return cursor;
  }

  async close(): Promise<void> {
    this.#stop.abort(logClosed());
    for (const cursor of [...this.#cursors]) await cursor.close();
    for (const topic of this.#topics.keys()) await this.#forget(topic);
  }

  async view(topic: string, partition: number): Promise<PartitionView> {
    if (this.#stop.signal.aborted) throw logClosed();
    const known = this.#topics.get(topic) ?? (await this.#learn(topic));
    const open = known.partitions.get(partition);
    if (open !== undefined) return open.view;
    const { facts } = partition < known.facts.partitions ? known : await this.#learn(topic);
    if (!Number.isInteger(partition) || partition < 0 || partition >= facts.partitions) {
      throw unknownPartition(topic, partition, facts.partitions);
    }
    return this.#openPartition(topic, partition);
  }

  async awaitMore(view: PartitionView, end: number, waitMs: number, signal?: AbortSignal): Promise<void> {
    const { clock, pollMs } = this.#settings;
    const until = clock.monotonic() + waitMs;
    const stop = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
    for (;;) {
      await this.#look(view);
      const left = until - clock.monotonic();
      if (view.end > end || left <= 0) return;
      await clock.sleep(Math.min(pollMs, left), stop);
    }
  }

  async refresh(view: PartitionView): Promise<void> {
    await this.#look(view, true);
  }

  /** Reads the topic's file again. A topic that was made anew is another one: what was open of it is let go. */
  async #learn(topic: string): Promise<FollowedTopic> {
    if (this.#stop.signal.aborted) throw logClosed();
    const { fs, directory } = this.#settings;
    const facts = await readTopic(fs, directory, topic);
    const known = this.#topics.get(topic);
    if (known !== undefined && facts?.identity === known.facts.identity) {
      known.facts = facts;
      return known;
    }
    await this.#forget(topic);
    if (facts === null) throw unknownTopic(topic);
    const learned = { facts, partitions: new Map<number, FollowedPartition>() };
    this.#topics.set(topic, learned);
    return learned;
  }

  async #forget(topic: string): Promise<void> {
    const known = this.#topics.get(topic);
    this.#topics.delete(topic);
    for (const { endFile } of known?.partitions.values() ?? []) await endFile.close();
  }

  async #openPartition(topic: string, partition: number): Promise<PartitionView> {
    const { fs, directory } = this.#settings;
    const known = this.#topics.get(topic);
    if (known === undefined) throw unknownTopic(topic);
    const view = new PartitionView(partitionPlace(directory, topic, partition, known.facts.identity));
    try {
      const endFile = new EndFile(await fs.open(`${view.folder}/${endFileName}`, 'read'));
      const raced = known.partitions.get(partition);
      if (raced !== undefined) {
        await endFile.close();
        return raced.view;
      }
      known.partitions.set(partition, { view, endFile, looking: Promise.resolve() });
      await this.refresh(view);
    } catch (error) {
      throw ioFailure(`opening "${view.folder}"`, error);
    }
    return view;
  }

  /** Takes over what the writer published last, and, when asked to or when needed, which segments there are. */
  async #look(view: PartitionView, list = false): Promise<void> {
    const open = this.#topics.get(view.topic)?.partitions.get(view.partition);
    if (open?.view !== view) return;
    const turn = open.looking.then(async () => {
      const published = await open.endFile.read();
      const newest = published === null || published.end < view.end ? null : published;
      const listed = view.segments.at(-1)?.base;
      if (list || (newest !== null && newest.segmentBase !== listed)) {
        await this.#list(view, newest?.segmentBase ?? listed ?? 0);
      }
      if (newest === null) return;
      view.end = newest.end;
      view.position = newest.position;
    });
    open.looking = turn.catch(() => undefined);
    try {
      await turn;
    } catch (error) {
      throw ioFailure(`following "${view.folder}"`, error);
    }
  }

  /** Takes over which segments there are, up to the one whose end was published. */
  async #list(view: PartitionView, newest: number): Promise<void> {
    const bases = (await listSegments(this.#settings.fs, view.folder)).filter((base) => base <= newest);
    if (bases.at(-1) !== newest) {
      const place = { file: view.folder, topic: view.topic, partition: view.partition, position: 0 };
      throw damaged({ ...place, from: newest, to: null }, 'the newest segment file is missing');
    }
    const known = new Map(view.segments.map((segment) => [segment.base, segment]));
    view.segments = [];
    for (const base of bases) {
      const segment = known.get(base);
      if (segment === undefined) view.addSegment(base);
      else view.segments.push(segment);
    }
  }
}
