import { archivedEnd, type ArchiveFile, type ArchiveState, type ArchiveWriter } from '@twofold/archive';
import { ClassifiedReader, LogError, rowAt, type LogCursor } from '@twofold/event-log';
import { createClassifier, createDecoder, type Columns, type RecordBatch } from '@twofold/schemas';
import { BatchError } from './errors.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts, StreamTopic } from './ports.ts';

export interface ArchiveOptions {
  /** Records of one file, at the most. */
  readonly fileRecords: number;
  /** One read of the log. */
  readonly readBytes: number;
}

export const ARCHIVE_DEFAULTS: ArchiveOptions = { fileRecords: 2_000_000, readBytes: 4 << 20 };

type ArchivePorts = Pick<BatchPorts, 'log' | 'archive' | 'clock' | 'logger'>;

/**
 * Copies one stream's log into the archive: every position once, with its class (E9, E12). Several archivers may run
 * at once: the manifest decides who was first, the other's files are never named.
 */
export class LogArchiver {
  readonly #topic: StreamTopic;
  readonly #ports: ArchivePorts;
  readonly #options: ArchiveOptions;
  readonly #readers = new Map<number, { reader: ClassifiedReader; cursor: LogCursor; position: number }>();

  constructor(topic: StreamTopic, ports: ArchivePorts, options: ArchiveOptions = ARCHIVE_DEFAULTS) {
    this.#topic = topic;
    this.#ports = ports;
    this.#options = options;
  }

  /**
   * Archives what the log holds now, from the archive's end on, and returns the state that names it.
   * @param origins of the partitions to archive, from the control row (E0).
   * @param below by partition: nothing at or above it; as far as the log reaches, unless told.
   */
  async archiveUntilEnd(
    origins: readonly number[],
    signal: AbortSignal,
    below: readonly number[] = [],
  ): Promise<ArchiveState> {
    const { archive, clock, log } = this.#ports;
    const name = this.#topic.stream.name;
    const ends = new Map((await log.partitions(this.#topic.topic)).map((range) => [range.partition, range]));
    let state = await this.#recordOrigins(await patiently(clock, () => archive.head(name), signal), origins, signal);
    for (let partition = 0; partition < origins.length; partition++) {
      const range = ends.get(partition);
      if (range === undefined) continue;
      const end = Math.min(range.end, below[partition] ?? Infinity);
      for (let from = archivedEnd(state, partition); from < end; from = archivedEnd(state, partition)) {
        if (from < range.start) throw this.#lost(partition, from, range.start);
        const file = await this.#writeFile(partition, from, end, origins[partition] ?? 0, signal);
        state = await this.#commit(state, file);
        signal.throwIfAborted();
      }
    }
    return state;
  }

  async close(): Promise<void> {
    for (const { cursor } of this.#readers.values()) await cursor.close();
    this.#readers.clear();
  }

  /** The chain itself says where each partition begins: a lost control row must not lose the origins. */
  async #recordOrigins(state: ArchiveState, origins: readonly number[], signal: AbortSignal): Promise<ArchiveState> {
    let head = state;
    while (head.origins.length < origins.length) {
      const grown = [...head.origins, ...origins.slice(head.origins.length)];
      const next = await this.#ports.archive.commit(head, { add: [], origins: grown });
      signal.throwIfAborted();
      head = next ?? (await this.#ports.archive.head(this.#topic.stream.name));
    }
    return head;
  }

  async #commit(state: ArchiveState, file: ArchiveFile): Promise<ArchiveState> {
    const { archive, logger } = this.#ports;
    const next = await archive.commit(state, { add: [file] });
    if (next !== null) return next;
    const head = await archive.head(this.#topic.stream.name);
    // Another partition may have moved; the file is still good when it continues its own partition.
    if (archivedEnd(head, file.partition) === file.from) return this.#commit(head, file);
    logger.info('another archiver was first; its file counts, ours is never named', { file: file.name });
    return head;
  }

  async #writeFile(
    partition: number,
    from: number,
    end: number,
    origin: number,
    signal: AbortSignal,
  ): Promise<ArchiveFile> {
    const reading = await this.#readerAt(partition, from, origin);
    const limit = Math.min(end, from + this.#options.fileRecords);
    const writer = this.#ports.archive.create(this.#topic.stream, partition, from);
    try {
      while (reading.position < limit) {
        const read = await reading.reader.read({ waitMs: 0, signal, below: limit });
        if (read === null) continue;
        reading.position = take(writer, read.batch, read.columns, reading.position);
      }
      return await writer.finish(signal);
    } catch (error) {
      this.#readers.delete(partition);
      await reading.cursor.close();
      await writer.abort();
      if (error instanceof LogError && error.code === 'OFFSET_OUT_OF_RANGE') throw this.#lost(partition, from, null);
      throw error;
    }
  }

  /** The reader goes on where it stopped; when somebody else archived meanwhile, a new one reads the horizon first. */
  async #readerAt(partition: number, from: number, origin: number) {
    const known = this.#readers.get(partition);
    if (known !== undefined && known.position === from) return known;
    if (known !== undefined) await known.cursor.close();
    const { stream, topic } = this.#topic;
    const cursor = this.#ports.log.open(topic, partition);
    const parts = {
      cursor,
      decoder: createDecoder(stream),
      classifier: createClassifier(stream),
      origin,
      dedupeHorizon: stream.dedupeHorizon,
      historySize: 2,
      maxBytes: this.#options.readBytes,
    };
    const reading = { cursor, position: from, reader: new ClassifiedReader(parts, from) };
    this.#readers.set(partition, reading);
    return reading;
  }

  #lost(partition: number, from: number, start: number | null): BatchError {
    const { stream } = this.#topic;
    return new BatchError(
      'LOG_LOST_BEFORE_ARCHIVE',
      `stream ${stream.name}, partition ${partition}: the log ${start === null ? 'does not hold' : `starts at ${start}, after`} position ${from}, where the archive ends. The records between are lost; nothing is archived past the hole. Restore the log from a backup, or register the project anew.`,
      { facts: { partition, from, start } },
    );
  }
}

/** Gives the writer what lies at or above its position. */
function take(writer: ArchiveWriter, batch: RecordBatch, columns: Columns, position: number): number {
  writer.append(batch, columns, rowAt(columns, position), columns.count, columns.nextOffset);
  return columns.nextOffset;
}
