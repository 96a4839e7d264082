import type { Runs } from './runs.ts';

/** The closed list of kinds, in the words that are used everywhere. */
export const correctionKinds = ['retract', 'replace', 'add', 'restate', 'redact'] as const;
export type CorrectionKind = (typeof correctionKinds)[number];

/**
 * Where events stand: a partition of the log by its number, or the rows that a correction added, which are a source of
 * their own (E20): `firstAddedSource` and the correction's number. Positions in it are row numbers from 0.
 */
export const firstAddedSource = 2 ** 30;

export function addedSourceOf(number: number): number {
  return firstAddedSource + number;
}

/** Positions by source, rising by source. */
export type Targets = readonly { readonly source: number; readonly runs: Runs }[];

/** Who asks, why, and how the same request is known again. */
export interface CorrectionNote {
  readonly reason: string;
  readonly ticket: string | null;
  readonly author: string;
  readonly approver: string | null;
  /** One key, one correction: asked for twice, it is made once. */
  readonly idempotencyKey: string;
}

/**
 * One record of a stream's corrections. It never changes: it names what it hits, resolved below a recorded cut, and is
 * not evaluated again (E20). Whether it counts is said by the list of the release that is read.
 *
 * @template File how the archive names the file of added rows
 */
export interface Correction<File = unknown> extends CorrectionNote {
  readonly format: 1;
  /** Place among the stream's corrections, from 0. */
  readonly number: number;
  readonly id: string;
  readonly stream: string;
  readonly kind: CorrectionKind;
  /** The correction that this one takes back; it then has no targets and no rows of its own. */
  readonly reverts: string | null;
  /** Wall clock of the plan, milliseconds. */
  readonly plannedAt: number;
  /** What was asked, for people. */
  readonly asked: string;
  /** Every target stands below it. A release that names the correction has a cut at or above it (E19). */
  readonly cut: readonly number[];
  /** Events that no longer count, and the hash of the document that lists their positions. */
  readonly targets: { readonly count: number; readonly sha256: string } | null;
  /** Events that count instead, or besides. */
  readonly added: { readonly rows: number; readonly file: File } | null;
  /** Event time, milliseconds, in which something may be otherwise before and after: what a build has to make anew (E14). */
  readonly touched: Runs;
  /** Fingerprint of the plan that was shown. */
  readonly fingerprint: string;
  /** How many redactions of the stream the archive had in effect when it was planned. */
  readonly redactions?: number;
  /** Of a redaction: what it erases beside its targets. */
  readonly erases?: Erasure<File>;
}

/** What a redaction does to what else is kept of its stream (E21). */
export interface Erasure<File = unknown> {
  /** Hash of the document that keeps the class of each target and a keyed hash of its id. */
  readonly blanks: string;
  /** Latest log time of a target, milliseconds; null: every target was added by a correction. */
  readonly lastLogTime: number | null;
  /** Added rows of earlier corrections, by number, written anew without the targets; row numbers stay. */
  readonly added: readonly { readonly number: number; readonly file: File }[];
  /** Earlier corrections whose words go: the hash of the link as it was, and of what stands in its place. */
  readonly links: readonly { readonly number: number; readonly was: string; readonly is: string }[];
  /** Its plan, by which whoever finds it begun finishes it; absent in those from before it was told. */
  readonly plan?: string;
  /** Of a change stream: it erases what operators repeated of changes that earlier redactions erased. */
  readonly repeats?: true;
}
