import type { Classifier, Columns, Decoder, RecordBatch } from '@twofold/schemas';
import { BlankHorizon } from './blank-horizon.ts';
import { ClassHistory } from './class-history.ts';
import type { LogCursor } from './event-log.ts';

/** How many distinct texts a decoder may hold before it forgets them all between two reads. */
const DICTIONARY_BOUND = 1_000_000;
/** The same for what they weigh, counted as the bytes that were read since: long texts must not need many. */
const TEXT_BYTES = 256 << 20;

export interface ClassifiedReaderParts {
  readonly cursor: LogCursor;
  readonly decoder: Decoder;
  readonly classifier: Classifier;
  readonly origin: number;
  /** W (E9). */
  readonly dedupeHorizon: number;
  /** Positions whose classes are remembered. */
  readonly historySize: number;
  readonly maxBytes: number;
  /** The decoder's texts are forgotten after so many bytes were read, 256 MiB unless told: they weigh less. */
  readonly textBytes?: number;
}

/**
 * Reads one partition in order and classifies it. Going back a little costs only the reading; going back further
 * reads the whole dedupe horizon before the new place, from the origin at the earliest (E6, E9).
 */
export class ClassifiedReader {
  readonly #parts: ClassifiedReaderParts;
  readonly #history: ClassHistory;
  readonly #blanks: BlankHorizon;
  #position: number;
  /** Classes below this position were decided without the full horizon and are never shown. */
  #trustedFrom: number;
  #caughtUp = false;
  /** Bytes decoded since the decoder's texts were last forgotten. */
  #decodedBytes = 0;

  constructor(parts: ClassifiedReaderParts, position: number) {
    this.#parts = parts;
    this.#history = new ClassHistory(parts.historySize);
    this.#blanks = new BlankHorizon(parts.decoder.stream, parts.dedupeHorizon);
    this.#position = position;
    this.#trustedFrom = position;
    this.#start(position);
  }

  /** The next position that will be read; during the horizon it is below the place that was sought. */
  get position(): number {
    return this.#position;
  }

  /** The last read found nothing at the log's end. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Sees to it that the columns from `position` on will be shown (again). Never goes forward. */
  rewind(position: number): void {
    if (position >= Math.max(this.#position, this.#trustedFrom)) return;
    if (position >= this.#trustedFrom && this.#history.covers(position)) this.#position = position;
    else this.#start(position);
  }

  #start(position: number): void {
    const start = Math.max(this.#parts.origin, position - this.#parts.dedupeHorizon);
    this.#parts.classifier.restart(start);
    this.#blanks.restart();
    this.#history.restart(position);
    this.#position = start;
    this.#trustedFrom = position;
  }

  #forgetTexts(): void {
    const { decoder, textBytes = TEXT_BYTES } = this.#parts;
    if (decoder.dictionary.size <= DICTIONARY_BOUND && this.#decodedBytes <= textBytes) return;
    decoder.dictionary.reset();
    this.#decodedBytes = 0;
  }

  /**
   * The next classified columns and the batch they were decoded from; null when there was nothing to read, or nothing
   * that may be shown yet. Both are overwritten by the next read.
   * @param options.below reads no position at or above it.
   * @param options.maxBytes of this read, in place of the reader's own.
   */
  async read(options: {
    readonly waitMs: number;
    readonly signal: AbortSignal;
    readonly below?: number;
    readonly maxBytes?: number;
  }): Promise<{ readonly batch: RecordBatch; readonly columns: Columns } | null> {
    const { cursor, decoder, classifier, maxBytes } = this.#parts;
    this.#forgetTexts();
    const recalled = this.#position < classifier.position;
    const inHorizon = this.#position < this.#trustedFrom;
    const known = recalled ? classifier.position : inHorizon ? this.#trustedFrom : Infinity;
    const to = Math.min(known, options.below ?? Infinity);
    const batch = await cursor.read(this.#position, {
      maxBytes: options.maxBytes ?? maxBytes,
      waitMs: options.waitMs,
      signal: options.signal,
      ...(to === Infinity ? {} : { to }),
    });
    this.#caughtUp = batch.nextOffset === this.#position && to === Infinity;
    if (batch.nextOffset === this.#position) return null;
    const columns = decoder.decode(batch);
    this.#decodedBytes += batch.bytes.byteLength;
    if (recalled) this.#history.recall(columns);
    else {
      classifier.classify(columns);
      this.#blanks.classify(batch, columns);
      if (!inHorizon) this.#history.append(columns);
    }
    this.#position = batch.nextOffset;
    return inHorizon ? null : { batch, columns };
  }
}

/** First row whose offset is at or above `offset`. */
export function rowAt(columns: Columns, offset: number): number {
  let low = 0;
  let high = columns.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((columns.offsets[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
