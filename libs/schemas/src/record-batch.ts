/**
 * What flows out of a log: one buffer and offset arrays, never an object per record.
 * The buffer belongs to the reader and is valid until its next poll; nobody keeps a slice of it.
 *
 * The batch covers the positions `[baseOffset, nextOffset)`. A position in that range for which there is
 * no record is `control` (a transaction marker, an aborted record): it counts, and carries nothing.
 */
export interface RecordBatch {
  readonly partition: number;
  /** First position covered. */
  readonly baseOffset: number;
  /** One past the last position covered. */
  readonly nextOffset: number;
  /** Number of records; at most `nextOffset - baseOffset`. */
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Absolute offset of each record, rising. */
  readonly offsets: Float64Array;
  /** Log time of each record, in milliseconds since 1970; the log's clock, not the producer's. */
  readonly times: Float64Array;
  /** Where each key starts in `bytes`, and where it ends (exclusive). A start of -1 is a null key. */
  readonly keyStarts: Int32Array;
  readonly keyEnds: Int32Array;
  /** Where each value starts in `bytes`, and where it ends (exclusive). A start of -1 is a null value. */
  readonly valueStarts: Int32Array;
  readonly valueEnds: Int32Array;
  /** Of redacted streams: what was erased, in this batch's range and elsewhere. Its positions have no record here. */
  readonly blanks?: readonly BlankRecords[];
}

/** Records of one partition that a redaction erased (E21): what is still known of them. */
export interface BlankRecords {
  /** Rising. */
  readonly offsets: readonly number[];
  /** Keyed hash of each one's id, by which a copy that follows it is still a duplicate (E9); null: it was rejected. */
  readonly ids: readonly (string | null)[];
  /** Of a change stream: the place of each in its operator's order (`createChangePlaceReader`), by which repetitions are told. */
  readonly places?: readonly (number | null)[];
  /**
   * Of what a change stream is made of: the rows that were erased, by the keyed hash of their key (`createRowKeyReader`),
   * and the highest revision of each. All of them had been taken away by then.
   */
  readonly rows?: ReadonlyMap<string, number>;
  /** The hash of an id's text, as `createIdReader` gives it, or of a row's key. */
  hashOf(text: string): string;
}

/** A batch with no record: it covers `[baseOffset, nextOffset)` with control positions, or nothing at all. */
export function emptyBatch(partition: number, baseOffset: number, nextOffset = baseOffset): RecordBatch {
  const none = new Int32Array(0);
  const zero = new Float64Array(0);
  return {
    partition,
    baseOffset,
    nextOffset,
    count: 0,
    bytes: new Uint8Array(0),
    offsets: zero,
    times: zero,
    keyStarts: none,
    keyEnds: none,
    valueStarts: none,
    valueEnds: none,
  };
}
