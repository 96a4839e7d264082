import { TwofoldError } from '@twofold/schemas';

/** Closed list of what a log can refuse. */
export type LogErrorCode =
  | 'OFFSET_OUT_OF_RANGE'
  | 'UNKNOWN_TOPIC'
  | 'UNKNOWN_PARTITION'
  | 'TOPIC_NAME_INVALID'
  | 'TOPIC_SETTINGS_DIFFER'
  | 'RECORD_TOO_LARGE'
  | 'LOG_DAMAGED'
  | 'LOG_LOCKED'
  | 'LOG_FORMAT_UNKNOWN'
  | 'LOG_DISK_FULL'
  | 'LOG_REPLACED'
  | 'LOG_CLOSED'
  | 'LOG_IO'
  | 'APPEND_OUTCOME_UNKNOWN';

export class LogError extends TwofoldError<LogErrorCode> {
  override readonly name = 'LogError';
}
