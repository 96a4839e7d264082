import { TwofoldError } from '@twofold/schemas';

/** Closed list of why a run of the batch layer ends without a release. */
export type BatchErrorCode =
  | 'NOT_REGISTERED'
  | 'LOG_REPLACED'
  | 'LOG_LOST_BEFORE_ARCHIVE'
  | 'STREAM_DIFFERS'
  | 'VIEW_DIFFERS'
  | 'CANDIDATE_REFUSED'
  | 'CANDIDATE_LOST'
  | 'BASE_COLLECTED'
  /** The live release is not where a correction needs it. */
  | 'BASE_BEHIND'
  | 'COVERAGE_HOLE'
  | 'SOURCE_DAMAGED'
  | 'SOURCE_MOVED'
  | 'PART_DAMAGED'
  | 'PARITY_DIFFERS'
  /** Promoted now, the candidate would make answers older. */
  | 'SPEED_BEHIND'
  | 'CONTROL_BUSY'
  | 'JOB_BUSY'
  /** What was asked of a schedule can not be done; nothing was changed. */
  | 'REQUEST_REFUSED'
  /** There is no schedule, view or run of that name. */
  | 'NAME_UNKNOWN'
  /** A range or a duration of a request makes no sense. */
  | 'REQUEST_INVALID'
  | 'LEASE_LOST'
  | 'RUN_CANCELLED';

export class BatchError extends TwofoldError<BatchErrorCode> {
  override readonly name = 'BatchError';
}
