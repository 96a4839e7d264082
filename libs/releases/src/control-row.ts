/** A vector over partitions of one stream: index = partition. A partition that it does not reach has the origin (E0). */
export type Cut = readonly number[];

/** What a query reads of one view. Named by its build's id, which is never used twice. */
export interface Entry {
  readonly id: string;
  readonly view: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly stream: string;
  /** Build whose index names the batch rows; null: empty (release 0). */
  readonly build: string | null;
  readonly cut: Cut;
  /** Corrections in force, in order (E20). */
  readonly corrections: readonly string[];
  /** Event time, milliseconds, that retention is counted from: the largest applied event time below the cut minus lateness. Null: none yet. */
  readonly watermark: number | null;
}

/** What a query reads: for every view an entry. */
export interface Release {
  readonly id: string;
  readonly number: number;
  /** View name → entry id. */
  readonly entries: Readonly<Record<string, string>>;
  readonly reason: 'REGISTERED' | 'PROMOTED' | 'ROLLED_BACK' | 'RETIRED';
}

/** A registered, not yet promoted change of entries (E15). */
export interface Candidate {
  readonly id: string;
  /** Wall clock, milliseconds. Decides nothing but when a candidate that nobody works on any more is cancelled. */
  readonly registeredAt: number;
  /** Release it was made from. */
  readonly base: string;
  /** The base's entry ids of the views it names (null: the view is new), as they must still be at promotion (E0). */
  readonly baseEntries: Readonly<Record<string, string | null>>;
  /** The base's corrections lists of the streams it names. */
  readonly baseCorrections: Readonly<Record<string, readonly string[]>>;
  readonly entries: readonly Entry[];
}

/** A version of a stream, as its declaration names itself. */
export interface StreamVersion {
  readonly version: number;
  readonly fingerprint: string;
}

/** Version and fingerprint are those of the newest version. */
export interface StreamState extends StreamVersion {
  /** Versions before it, oldest first: what entries of views over them were made from. Absent: there is none. */
  readonly former?: readonly StreamVersion[];
  /** S: fixed for the life of the stream (E1). */
  readonly sliceSize: number;
  /** The log that offsets are counted in (E7). */
  readonly logIdentity: string;
  /** First offset of each partition that the project takes over (E0). Its length is the number of partitions. */
  readonly origins: readonly number[];
}

/** What the control row keeps of a job, so that a holder that was given up can not act on it any more. */
export interface JobMark {
  readonly fence: number;
  /** The run that made a release last, its slot and the release; null: none yet. */
  readonly run: string | null;
  readonly slot: number | null;
  readonly release: string | null;
}

/** The last redaction of a stream (E21). */
export interface RedactionMark {
  /** Id of the correction. */
  readonly correction: string;
  /** Every target stands below it: no entry, candidate or floor of the stream goes below it any more. */
  readonly cut: Cut;
  /** Number of the release that it made live; null: it is under way. What is numbered lower was dropped. */
  readonly release: number | null;
}

/** A release of which those who read what was before are still to be told. */
export interface Untold {
  readonly release: string;
  readonly number: number;
  /** So many before it were let go of, because nobody told of them for too long. */
  readonly skipped?: number;
}

/** The one compare-and-set row of a project. Every change raises the sequence by one. */
export interface ControlRow {
  readonly format: 1;
  readonly project: string;
  readonly incarnation: string;
  readonly sequence: number;
  readonly streams: Readonly<Record<string, StreamState>>;
  /** Every entry that a release or a candidate's base names, by id. */
  readonly entries: Readonly<Record<string, Entry>>;
  readonly live: string;
  /** Oldest first; the last need not be live only in name: after a rollback the new release is the last. */
  readonly releases: readonly Release[];
  readonly candidates: readonly Candidate[];
  /** `view@version` → by partition, the lowest cut a restorable entry or candidate may have; only rises. */
  readonly floors: Readonly<Record<string, readonly number[]>>;
  /** Views held by a rollback (E17). */
  readonly holds: readonly string[];
  /** By job: the fence that its holder has to have, and the last release that it made. */
  readonly jobs?: Readonly<Record<string, JobMark>>;
  /** By stream. */
  readonly redactions?: Readonly<Record<string, RedactionMark>>;
  /** `view@version` → the stream that it reads, for floors that outlive every entry of their version. */
  readonly versionStreams?: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly untold?: readonly Untold[];
}
