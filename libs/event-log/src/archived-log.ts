import type { BlankRecords, RecordBatch } from '@twofold/schemas';
import { LogError } from './errors.ts';
import type { LogCursor, LogReader, PartitionRange } from './event-log.ts';
import { defaultReadBytes } from './refusals.ts';
import { withoutBlanks } from './without-blanks.ts';

/** What the combinator needs of an archive: original records of archived positions. */
export interface ArchivedRecords {
  /** The archived positions `[from, to)` of a partition, contiguous; null when there are none. */
  range(topic: string, partition: number): Promise<{ readonly from: number; readonly to: number } | null>;
  /** Records from position `from` on, up to `to` or less far (a file's end), at least one position. */
  read(topic: string, partition: number, from: number, to: number): Promise<RecordBatch>;
  /** What redactions have erased of a partition; empty: nothing. */
  blanks(topic: string, partition: number): Promise<readonly BlankRecords[]>;
}

/** Positions asked of the archive in one read: bounds what a read holds in memory whatever a file's size. */
const defaultArchiveStep = 16_384;

/**
 * What was erased of a log that still has the records is looked for again after so many reads in a row, and whenever a
 * reader goes somewhere else; of the archive, where they are gone, at each read.
 */
const READS_PER_LOOK = 64;

/**
 * The log, and below its start the archive, as one log (E7). The log is preferred wherever it still has the range.
 * Positions that a redaction erased have no record in either, whatever the log still holds (E21).
 * A range that neither has is refused with OFFSET_OUT_OF_RANGE and the four edges as facts: the caller's incident,
 * as is an identity other than the one expected.
 */
export function createArchivedLog(
  log: LogReader,
  archive: ArchivedRecords,
  options: { archiveStep?: number } = {},
): LogReader {
  const step = options.archiveStep ?? defaultArchiveStep;
  return {
    identity: (topic) => log.identity(topic),
    partitions: async (topic) =>
      Promise.all((await log.partitions(topic)).map((range) => extend(range, archive.range(topic, range.partition)))),
    open: (topic, partition) => new ArchivedCursor(log, archive, topic, partition, step),
  };
}

/** The range reaches down to the archive's start where the archive reaches up to the log's. */
async function extend(range: PartitionRange, archived: ReturnType<ArchivedRecords['range']>): Promise<PartitionRange> {
  const known = await archived;
  const joined = known !== null && known.from < range.start && known.to >= range.start;
  return joined ? { ...range, start: known.from } : range;
}

class ArchivedCursor implements LogCursor {
  readonly #log: LogReader;
  readonly #archive: ArchivedRecords;
  readonly #topic: string;
  readonly #partition: number;
  readonly #step: number;
  readonly #cursor: LogCursor;
  /** The log is known to have nothing below: starts only rise, so this is never undone. */
  #logStart = 0;
  #blanks: readonly BlankRecords[] = [];
  /** Reads before what was erased is looked for again, and where the next read begins if it only goes on. */
  #readsLeft = 0;
  #next = -1;

  constructor(log: LogReader, archive: ArchivedRecords, topic: string, partition: number, step: number) {
    this.#log = log;
    this.#archive = archive;
    this.#topic = topic;
    this.#partition = partition;
    this.#step = step;
    this.#cursor = log.open(topic, partition);
  }

  async read(from: number, options: Parameters<LogCursor['read']>[1] = {}): Promise<RecordBatch> {
    const { batch, archived } = await this.#readRecords(from, options);
    // Afterwards: an archive's file may have been replaced since, by one that lacks what a redaction erased meanwhile.
    if (archived || from !== this.#next || this.#readsLeft === 0) {
      this.#blanks = await this.#archive.blanks(this.#topic, this.#partition);
      this.#readsLeft = READS_PER_LOOK;
    }
    this.#readsLeft--;
    this.#next = batch.nextOffset;
    return this.#blanks.length === 0 ? batch : withoutBlanks(batch, this.#blanks);
  }

  async #readRecords(
    from: number,
    options: NonNullable<Parameters<LogCursor['read']>[1]>,
  ): Promise<{ readonly batch: RecordBatch; readonly archived: boolean }> {
    if (from >= this.#logStart) {
      try {
        return { batch: await this.#cursor.read(from, options), archived: false };
      } catch (error) {
        if (!(error instanceof LogError) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error;
        const range = await this.#range();
        if (from >= range.start) throw error;
        this.#logStart = range.start;
      }
    }
    options.signal?.throwIfAborted();
    const batch = await this.#fromArchive(from, options.to ?? Infinity, options.maxBytes ?? defaultReadBytes);
    return { batch, archived: true };
  }

  close(): Promise<void> {
    return this.#cursor.close();
  }

  async #fromArchive(from: number, to: number, maxBytes: number): Promise<RecordBatch> {
    const known = await this.#archive.range(this.#topic, this.#partition);
    if (known === null || from < known.from || from >= known.to) throw await this.#missing(from, known);
    const end = Math.max(from, Math.min(to, known.to, from + this.#step));
    const batch = await this.#archive.read(this.#topic, this.#partition, from, end);
    if (batch.baseOffset !== from || (batch.nextOffset <= from && end > from)) throw await this.#missing(from, known);
    return shorten(batch, maxBytes);
  }

  async #range(): Promise<PartitionRange> {
    const ranges = await this.#log.partitions(this.#topic);
    return ranges[this.#partition] ?? { partition: this.#partition, start: 0, end: 0 };
  }

  async #missing(from: number, known: { from: number; to: number } | null): Promise<LogError> {
    const { start, end } = await this.#range();
    const archived = known === null ? 'nothing' : `[${known.from}, ${known.to})`;
    return new LogError(
      'OFFSET_OUT_OF_RANGE',
      `topic "${this.#topic}", partition ${this.#partition}: offset ${from} is neither in the log, which has ` +
        `[${start}, ${end}), nor in the archive, which has ${archived}`,
      {
        facts: {
          topic: this.#topic,
          partition: this.#partition,
          offset: from,
          start,
          end,
          archiveFrom: known?.from ?? null,
          archiveTo: known?.to ?? null,
        },
      },
    );
  }
}

/** The first records of a batch that weigh at most `maxBytes`, and at least one. Shares the batch's buffer. */
function shorten(batch: RecordBatch, maxBytes: number): RecordBatch {
  let size = 0;
  let count = 0;
  for (; count < batch.count; count++) {
    size += width(batch.keyStarts, batch.keyEnds, count) + width(batch.valueStarts, batch.valueEnds, count);
    if (size > maxBytes && count > 0) break;
  }
  if (count === batch.count) return batch;
  return {
    ...batch,
    count,
    nextOffset: batch.offsets[count] ?? batch.nextOffset,
    offsets: batch.offsets.subarray(0, count),
    times: batch.times.subarray(0, count),
    keyStarts: batch.keyStarts.subarray(0, count),
    keyEnds: batch.keyEnds.subarray(0, count),
    valueStarts: batch.valueStarts.subarray(0, count),
    valueEnds: batch.valueEnds.subarray(0, count),
  };
}

function width(starts: Int32Array, ends: Int32Array, row: number): number {
  const start = starts[row] ?? -1;
  return start < 0 ? 0 : (ends[row] ?? start) - start;
}
