import type { Columns, TextDictionary } from './columns.ts';
import type { RecordBatch } from './record-batch.ts';
import type { Stream } from './stream.ts';

/** Turns record batches of one partition into typed columns and rejections. Never throws on input. */
export interface Decoder {
  readonly stream: Stream;
  readonly dictionary: TextDictionary;
  /** The returned columns are the decoder's own and are overwritten by the next call. */
  decode(batch: RecordBatch): Columns;
}

/**
 * Decides duplicates (E9), for one partition, reading its records in order from some start.
 * It remembers the ids of records that are not rejected within the last W offsets.
 */
export interface Classifier {
  /** The position up to which it has read. */
  readonly position: number;
  /** Forgets everything and starts at a position. Classes are right from `position + W` on, or at once when `position` is the origin. */
  restart(position: number): void;
  /** Turns applied rows into duplicates where E9 says so. Batches come in order: `columns.baseOffset === position`. */
  classify(columns: Columns): void;
}
