import { TwofoldError } from '@twofold/schemas';

/** Closed list of why a correction is refused. Whatever is refused has changed nothing. */
export type CorrectionErrorCode =
  /** A condition can not be read, or does not fit the stream's fields. */
  | 'CONDITION_INVALID'
  /** What is asked for is no correction: nothing to select by, a range that is empty, a kind that takes no rows. */
  | 'CORRECTION_INVALID'
  /** A row to add breaks the stream's schema, repeats another row's id, or replaces nothing. */
  | 'ROWS_INVALID'
  | 'NOTHING_MATCHES'
  | 'EVERYTHING_MATCHES'
  | 'TOO_MANY_TARGETS'
  /** What would be applied is not what was shown (E20): plan again. */
  | 'PLAN_CHANGED'
  | 'PLAN_UNKNOWN'
  /** The idempotency key belongs to another correction, of whichever stream, or to this one, which is in force. */
  | 'KEY_USED'
  | 'CORRECTION_UNKNOWN'
  /** It is a redaction, or all that it is about was erased by one: that is nowhere any more. */
  | 'NOT_REVERTIBLE'
  /** A redaction of the stream is under way, and has to be finished first. */
  | 'REDACTING'
  /** A redaction is in force and some copy is still there: the same apply goes on where it ended. */
  | 'REDACTION_UNFINISHED'
  /** A row of a change stream that is to be erased holds still: it has to be taken away first. */
  | 'ROW_HELD'
  /** Only what is in force can be reverted. */
  | 'NOT_IN_FORCE'
  /** The release is not kept any more, or putting it back would mix lists of corrections (E17). */
  | 'ROLLBACK_REFUSED'
  | 'VIEW_HELD'
  /** A view of the stream is live and not declared any more: retire it first. */
  | 'VIEW_UNDECLARED'
  | 'RETIRE_REFUSED'
  /** A gate that blocks found a change beyond its limit. */
  | 'GATE_BLOCKED'
  | 'NOT_BUILT_YET'
  /** A stored correction, plan or list of targets is not what was written. */
  | 'CORRECTION_DAMAGED';

export class CorrectionError extends TwofoldError<CorrectionErrorCode> {
  override readonly name = 'CorrectionError';
}
