import type { Walked } from './batch-walker.ts';
import type { RecordRows } from './record-rows.ts';
import type { LedPartition } from './topic-directory.ts';

export interface FetchWish {
  readonly at: LedPartition;
  readonly partition: number;
  readonly from: number;
  /** Leader's term of the last batch read before `from`; -1 when `from` does not follow a read. */
  readonly lastTerm: number;
  readonly maxBytes: number;
  readonly waitMs: number;
}

export interface FetchOutcome {
  /** Kafka's code; with an error there is nothing else. */
  readonly error: number;
  /** The broker's log parted from what was read before, and agrees with it only up to here. */
  readonly divergesAt: number | null;
  /** Decodes what came; rows are valid until the next decoding. Bytes came when it covers nothing: raise maxBytes. */
  decode(): Walked & { readonly hadBytes: boolean };
}

/** One of the two ways to read a partition. Each cursor has its own. */
export interface PartitionFetcher {
  /** The rows of the last decoding. */
  readonly rows: RecordRows;
  fetch(wish: FetchWish): Promise<FetchOutcome>;
}
