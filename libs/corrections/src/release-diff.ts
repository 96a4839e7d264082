import type { GateResult } from './gate-result.ts';

/** A finished value as answers give it; integers beyond 2^53 as text. */
export type DiffValue = number | string | boolean | null;

/** One row of a view, before and after. */
export interface ChangedRow {
  readonly key: readonly DiffValue[];
  /** Milliseconds, `[start, end)`. */
  readonly windowStart: number;
  readonly windowEnd: number;
  /** Null: there was, or is, no such row. */
  readonly before: Readonly<Record<string, DiffValue>> | null;
  readonly after: Readonly<Record<string, DiffValue>> | null;
  /** The largest relative change of a measure: 1 when a row comes or goes. */
  readonly change: number;
}

export interface MeasureDiff {
  readonly measure: string;
  readonly rowsChanged: number;
  /** Of all changed rows; null where no value is a number. */
  readonly largestAbsolute: number | null;
  readonly largestRelative: number | null;
}

/** What changed in one bucket of time: a part of the view's finest level. Times in milliseconds, `[from, to)`. */
export interface BucketDiff {
  readonly from: number;
  readonly to: number;
  /** Rows that changed, came or went. */
  readonly rows: number;
  readonly rowsAdded: number;
  readonly rowsRemoved: number;
  /** Keys that have rows in the bucket on one side only. */
  readonly keysAdded: number;
  readonly keysRemoved: number;
  readonly measures: readonly MeasureDiff[];
  /** The row that changed most, with what it was and is. */
  readonly largest: ChangedRow;
}

/**
 * Why a number that could be read is another one. Each is told apart by building, never by guessing: a correction is
 * compared with a build at its own cut without it, a new view version with itself at the cut of the old one, what a
 * rollback puts back with what was live.
 */
export const changeCauses = ['CORRECTION', 'LATE_DATA', 'CODE_CHANGE', 'ROLLBACK'] as const;
export type ChangeCause = (typeof changeCauses)[number];

/** What one view answers otherwise for one cause, in panes of its finest level. */
export interface ViewDiff {
  readonly view: string;
  readonly version: number;
  readonly cause: ChangeCause;
  /** Why the rows of both sides can not be compared one by one, as those of another shape; null: they were. */
  readonly incomparable: string | null;
  readonly paneMs: number;
  readonly rowsCompared: number;
  readonly rowsChanged: number;
  readonly rowsAdded: number;
  readonly rowsRemoved: number;
  /** Keys that have rows on one side only, in the stretches of time that changed: elsewhere they may have rows on both. */
  readonly keysAdded: number;
  readonly keysRemoved: number;
  readonly measures: readonly MeasureDiff[];
  /** Those with a change, by time; the first thousand of them. */
  readonly buckets: readonly BucketDiff[];
  /** Those that changed most, most first. */
  readonly movers: readonly ChangedRow[];
}

/**
 * What a candidate changes, by view and cause, and what its gates said; kept with the release. Of a correction: the
 * candidate against a build at the same cut with the base's list (E20), and then what came in late while it was applied,
 * which is the change of the run that brought the base up to it.
 */
export interface ReleaseDiff {
  readonly format: 1;
  /** Under which it is kept: that of the release, or that the candidate would have had. */
  readonly id?: string;
  /** Null: not promoted. */
  readonly release: string | null;
  readonly base: string;
  /** Null: the candidate is of no correction. */
  readonly correction: string | null;
  readonly plan: string | null;
  readonly cut: Readonly<Record<string, readonly number[]>>;
  readonly at: number;
  readonly views: readonly ViewDiff[];
  readonly gates: readonly GateResult[];
  /** Redactions that the stream had by then; a difference from before the last one is not kept. */
  readonly redactions?: number;
}

/**
 * Does a correction change in both just the same: as many rows, by the same values, in the same places? What late data
 * and code change is left out, and how many rows were looked at.
 */
export function isSameShare(one: Pick<ReleaseDiff, 'views'>, other: Pick<ReleaseDiff, 'views'>): boolean {
  const share = ({ views }: Pick<ReleaseDiff, 'views'>): string =>
    JSON.stringify(
      views
        .filter(({ cause }) => cause === 'CORRECTION')
        .map((view) => ({ ...view, rowsCompared: null }))
        .sort((a, b) => (a.view < b.view ? -1 : 1)),
    );
  return share(one) === share(other);
}
