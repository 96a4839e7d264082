import type { RunRecord } from './run-record.ts';
import type { SlotRange } from './slot-ranges.ts';

/**
 * What is stored of one job, changed by compare-and-set on its sequence: who holds it, which slots are settled, what
 * people ask of it. It decides what is due; history is for people.
 */
export interface JobRow {
  readonly format: 1;
  readonly incarnation: string;
  readonly job: string;
  readonly sequence: number;
  /** Raised by each holder. What a holder changes carries it, and nothing that carries a lower one takes effect. */
  readonly fence: number;
  readonly holder: Holder | null;
  /** The last holder said itself that it has ended. If not, it may still be about to act. */
  readonly clean: boolean;
  /** Slots that need no run any more, oldest first. */
  readonly settled: readonly SlotRange[];
  readonly trying: Trying | null;
  /** A slot that came due while a run was going, and is to run after it. */
  readonly queued: number | null;
  readonly paused: Pause | null;
  /** Slots before it that were passed over in a pause count as missed. */
  readonly resumedAt: number | null;
  /** The run that ended last, whole: its record in the history may be missing when its holder died right after. */
  readonly last: RunRecord | null;
  /** Old work that people asked for, in order. */
  readonly asked: readonly Asked[];
}

export interface Holder {
  readonly run: RunRecord;
  /** Rises with each sign of life. */
  readonly beat: number;
  /** The entry of `asked` that it works on; null: a slot. */
  readonly asked: string | null;
}

/** The slot that was tried last and is not settled. */
export interface Trying {
  readonly slot: number;
  readonly attempts: number;
  /** Its run waits for what it needs. */
  readonly waiting: RunRecord | null;
}

export interface Pause {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

interface AskedBase {
  readonly id: string;
  readonly at: number;
  readonly by: string;
  /** Failed attempts so far. */
  readonly failures: number;
}

/** Views of an earlier run again, at the cuts that it had; a run that did not begin had none. */
export interface AskedRetry extends AskedBase {
  readonly kind: 'RETRY';
  readonly run: string;
  readonly views: readonly string[];
  /** View → by partition; null: up to the archive's end. */
  readonly cuts: Readonly<Record<string, readonly number[]>> | null;
  /** Gates, and limits that keep runs from beginning, that are only told this time: somebody has looked at them. */
  readonly passing?: readonly string[];
}

/** Panes of a range of event time again, newest first, a piece a run. */
export interface AskedBackfill extends AskedBase {
  readonly kind: 'BACKFILL';
  readonly views: readonly string[];
  /** Event time, milliseconds: `[from, to)` is asked for; what is at or above `next` is done. */
  readonly from: number;
  readonly to: number;
  readonly next: number;
  /** Event time of one piece, milliseconds. */
  readonly pieceMs: number;
  /** Rest between pieces, milliseconds. */
  readonly restMs: number;
  readonly pieces: number;
}

export type Asked = AskedRetry | AskedBackfill;
