import type { ChangeCause, DiffValue } from './release-diff.ts';

/** One answer that a promoted release gives otherwise than the one before: an event of the restatement feed. */
export interface Restatement {
  readonly format: 1;
  /** The release and a number in it: the same change has the same id, however often it is told. */
  readonly id: string;
  readonly view: string;
  readonly version: number;
  /** Values by dimension. Null: a whole stretch of time changed in more rows than are told one by one. */
  readonly key: Readonly<Record<string, DiffValue>> | null;
  /** A pane of the view's finest level: every window that it is part of has changed. Milliseconds, `[start, end)`. */
  readonly window: { readonly start: number; readonly end: number };
  /** Null: there was, or is, no such row; both are null for a whole stretch. */
  readonly old: Readonly<Record<string, DiffValue>> | null;
  readonly new: Readonly<Record<string, DiffValue>> | null;
  /** Rows that changed: 1, or those of the stretch, of which after a rollback some may be as they were. */
  readonly rows: number;
  readonly cause: ChangeCause;
  /** The correction and why it was made; of a rollback to what it went; null for other causes. */
  readonly correction: string | null;
  readonly reason: string | null;
  readonly release: string;
}

/** The same as it stands in the feed's topic: which release it became, counted. */
export interface ToldRestatement extends Restatement {
  readonly releaseNumber: number;
}
