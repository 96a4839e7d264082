import type { ControlRow } from '@twofold/releases';
import type { JobRow, RunRecord } from '@twofold/schedules';
import type { Rejection } from '@twofold/schemas';

export type { JobRow, RunRecord, RunState } from '@twofold/schedules';

/** Which view version a row belongs to; `project` comes first in every stored key. */
export interface ViewVersion {
  readonly view: string;
  readonly version: number;
}

/**
 * The partials of one bucket of keys over the positions `[start, end)` of a partition, as one chunk (E5).
 * Base slice: start = k·S, end = start + S. Remainder: start is a cut inside a slice, end the slice's end. Wide slice (E24): end - start = S·16^l.
 */
export interface SpeedRow extends ViewVersion {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  readonly bucket: number;
  /** Positions `[start, appliedOffset)` are folded into the chunk. A row with a larger value wins; equal values carry equal bytes. */
  readonly appliedOffset: number;
  readonly bytes: Uint8Array;
}

export interface SpeedRowQuery extends ViewVersion {
  readonly partition: number;
  /** Null: all. */
  readonly buckets: readonly number[] | null;
  /** Rows with `startFrom <= start < startBelow`, of every width. */
  readonly startFrom: number;
  readonly startBelow: number;
}

export interface SpeedRows {
  /** Durable when it resolves. After an error, any of the rows may have been written, or may be yet. */
  write(rows: readonly SpeedRow[], signal?: AbortSignal): Promise<void>;
  /** In no promised order. */
  read(query: SpeedRowQuery, signal?: AbortSignal): Promise<readonly SpeedRow[]>;
  /** Removes rows with `start < below`, so that a late write of such a row stays invisible for ever (E8). Gives how many. */
  sweep(of: ViewVersion, partition: number, below: number): Promise<number>;
}

/** `base`, `wide:<level>` ("merged through"), or `remainder:<cut>`. */
export type LaneName = 'base' | `wide:${number}` | `remainder:${number}`;

export interface ProgressRecord extends ViewVersion {
  readonly partition: number;
  readonly lane: LaneName;
  /** Every position below it, from the lane's start on, is in durable rows (E6). */
  readonly next: number;
  /** Largest event time applied so far, milliseconds; null before the first. For freshness only. */
  readonly maxEventTime: number | null;
  /** Log time of the last record read, milliseconds; null before the first. For freshness only. */
  readonly lastLogTime: number | null;
  /** Wall clock, milliseconds, when the lane last had read all that the log held; null: not yet. For freshness only (E23). */
  readonly caughtUpAt: number | null;
}

export interface Progress {
  /** Durable when it resolves. A larger `next` wins; at an equal one the later `caughtUpAt` (a sign of life). */
  write(records: readonly ProgressRecord[], signal?: AbortSignal): Promise<void>;
  /** Every lane of a view version, all partitions. */
  read(of: ViewVersion, signal?: AbortSignal): Promise<readonly ProgressRecord[]>;
  /**
   * Forgets lanes that the control row no longer names. Only lanes below the floor are removed: no cut goes back there,
   * so no lane of that name is folded again. Nobody reads what is written of one later; a store may keep it or not.
   */
  remove(of: ViewVersion, partition: number, lanes: readonly LaneName[]): Promise<void>;
}

/** What was read of one base slice, so far (E10): `next - start = applied + duplicate + rejected + control`. */
export interface LedgerEntry {
  readonly stream: string;
  readonly partition: number;
  readonly slice: number;
  readonly next: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly control: number;
}

/** Index of a dead letter; its bytes are in the log and then in the archive. */
export interface DeadLetter extends Omit<Rejection, 'row'> {
  readonly stream: string;
  readonly partition: number;
  readonly logTime: number;
}

export interface Ledger {
  /** Idempotent: a larger `next` wins; a dead letter is one per position. Durable when it resolves. */
  write(entries: readonly LedgerEntry[], deadLetters: readonly DeadLetter[], signal?: AbortSignal): Promise<void>;
  /** Sums over slices, one entry a partition, rising; `slice` and `next` are the largest. */
  totals(stream: string): Promise<readonly LedgerEntry[]>;
  /** Rising by slice, `sliceFrom <= slice < sliceBelow`. */
  read(stream: string, partition: number, sliceFrom: number, sliceBelow: number): Promise<readonly LedgerEntry[]>;
  /** Newest first by (log time, partition, offset), those that follow `before`; none when there is no such letter. */
  deadLetters(
    stream: string,
    options: { limit: number; before?: { partition: number; offset: number } },
  ): Promise<readonly DeadLetter[]>;
  /**
   * Removes the dead letters of a partition below an offset, so that a late write of one stays invisible for ever (E21).
   * Gives how many. Durable when it resolves.
   */
  dropDeadLetters(stream: string, partition: number, below: number): Promise<number>;
}

/** A piece of a part, sorted by (key, pane); pieces of a part follow one another in that order. */
export interface PartChunk {
  readonly number: number;
  readonly rows: number;
  readonly sha256: string;
  /** Key bytes and pane of the first partial. */
  readonly firstKey: Uint8Array;
  readonly firstPane: number;
  readonly bytes: Uint8Array;
}

/** What an index says of one part: the panes `[from, to)` of one level. */
export interface PartEntry {
  readonly part: string;
  /** Level: pane width in milliseconds. */
  readonly widthMs: number;
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Over the chunks' hashes, in order. */
  readonly sha256: string;
  readonly chunks: number;
}

/** A verified index of a view's batch rows (E14). */
export interface BuildIndex extends ViewVersion {
  readonly build: string;
  readonly parts: readonly PartEntry[];
}

/** Batch rows, in parts that are never changed, and the builds that name them. */
export interface Parts {
  /** Adds chunks to a part; a chunk that is there stays as it is. The part's id is never used twice. Durable when it resolves. */
  writeChunks(part: string, chunks: readonly PartChunk[], signal?: AbortSignal): Promise<void>;
  /** The chunks of a part without their bytes, by number. */
  directory(part: string): Promise<readonly Omit<PartChunk, 'bytes'>[]>;
  chunk(part: string, number: number): Promise<Uint8Array | null>;
  writeIndex(index: BuildIndex): Promise<void>;
  index(build: string): Promise<BuildIndex | null>;
  /** Every part and build id there is; for collection (E14). */
  list(): Promise<{ readonly parts: readonly string[]; readonly builds: readonly string[] }>;
  /** Removes for good: a late write of a removed id stays invisible, for which the id is kept until it is forgotten. */
  remove(ids: { readonly parts: readonly string[]; readonly builds: readonly string[] }): Promise<void>;
  /**
   * Lets go of the ids that `remove` has kept, as far as they are below `below` (compared as text), and gives how many.
   * A late writer could bring such a part back: a run that was given up and stands still, or a write of it that is still
   * on its way. So from then on no *new* part or build below `below` is taken, from anybody; what is there stays and may be
   * written again. `below` only rises: a smaller one changes nothing. Durable when it resolves.
   */
  forgetRemoved(below: string): Promise<number>;
}

/** The one compare-and-set row of a project. A row of another incarnation is refused with STORE_GONE (E5). */
export interface ControlRows {
  /** Cheap, and never older than what was committed when it was called. What it gives is frozen and may be shared. */
  read(signal?: AbortSignal): Promise<ControlRow | null>;
  /** Writes `row` when there is none yet. */
  create(row: ControlRow): Promise<boolean>;
  /**
   * Writes `row` when the stored sequence is `row.sequence - 1`.
   * @throws OUTCOME_UNKNOWN: it was applied, or was not, or may be yet: settle by effect (E15).
   */
  compareAndSet(row: ControlRow): Promise<boolean>;
}

/**
 * The reads that make an answer, for less: none of them looks whether the store is still the one that was opened, and whole.
 * What they gave counts once `control.read` was called after them and has answered (E5, E16). Of a store that is gone
 * they give what was there, or nothing, or fail with any of its errors.
 */
export interface UnprovedReads {
  /** As `control.read`. */
  control(signal?: AbortSignal): Promise<ControlRow | null>;
  /** As `progress.read`. */
  progress(of: ViewVersion, signal?: AbortSignal): Promise<readonly ProgressRecord[]>;
  /** As `speedRows.read`; may give rows that were swept, too, which no cut that can be read reaches down to (E8). */
  speedRows(query: SpeedRowQuery, signal?: AbortSignal): Promise<readonly SpeedRow[]>;
}

/** The place of a run in the history. */
export type RunPlace = Pick<RunRecord, 'startedAt' | 'id'>;

/** The history of runs, which people read; it decides nothing. */
export interface Runs {
  /** Puts a run again as it goes on: the same id, job and start. */
  put(run: RunRecord): Promise<void>;
  /** Newest first by (startedAt, id), those that follow `before`. */
  list(options: { job?: string; limit: number; before?: RunPlace }): Promise<readonly RunRecord[]>;
}

/** The compare-and-set rows of jobs, one a job. A row of another incarnation is refused with STORE_GONE (E5). */
export interface JobRows {
  /** Never older than what was committed when it was called. */
  read(job: string): Promise<JobRow | null>;
  /** Every job, by name. */
  list(): Promise<readonly JobRow[]>;
  /**
   * Writes `row` when the stored sequence is `row.sequence - 1`, or when there is none and `row.sequence` is 1.
   * @throws OUTCOME_UNKNOWN: it was applied, or was not, or may be yet: settle by effect (E15).
   */
  compareAndSet(row: JobRow): Promise<boolean>;
}

/** What became of the bytes of what was removed. */
export interface StoreErasure {
  /** Wall clock, milliseconds: from then on none is on the store's disks; null: that is so now. */
  readonly goneBy: number | null;
  /** One sentence for people: how, and what else has to happen for it. */
  readonly how: string;
}

/** One store of one project. Every handle is bound to the store's incarnation (E5): after a loss its calls fail with STORE_GONE. */
export interface ViewStore {
  readonly incarnation: string;
  readonly speedRows: SpeedRows;
  readonly progress: Progress;
  readonly ledger: Ledger;
  readonly parts: Parts;
  readonly control: ControlRows;
  readonly runs: Runs;
  readonly jobs: JobRows;
  readonly unproved: UnprovedReads;
  /** Sees to it that nothing of what was removed can be read from the store's files (E21). Others may go on meanwhile. */
  erase(): Promise<StoreErasure>;
  close(): Promise<void>;
}
