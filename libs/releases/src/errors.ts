/** Closed list of why a change of the control row is refused. A refusal is a value: the caller decides what it means. */
export type RefusalCode =
  | 'ALREADY_REGISTERED'
  | 'NOT_REGISTERED'
  | 'UNKNOWN_STREAM'
  | 'UNKNOWN_VIEW'
  | 'BELOW_FLOOR'
  | 'BELOW_ORIGIN'
  | 'CUT_SHRINKS'
  | 'VIEW_HELD'
  | 'BASE_MOVED'
  | 'CORRECTIONS_DIFFER'
  | 'ENTRY_NOT_RESTORABLE'
  | 'STREAM_CHANGED'
  | 'PARTITIONS_SHRINK'
  /** A version of a stream that does not follow the newest. */
  | 'STREAM_VERSION'
  /** A redaction of the stream has to come first, or is not in the list. */
  | 'REDACTING'
  /** A redaction's target is still on the speed side. */
  | 'TARGETS_AHEAD'
  /** The run's job is somebody else's now. */
  | 'FENCED';

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /** What was refused, where, and what to do. */
  readonly message: string;
}

export function refuse(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}
