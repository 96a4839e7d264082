import { TwofoldError } from '@twofold/schemas';

/** Closed list of what the command itself refuses. */
export type CliErrorCode =
  | 'PROJECT_NOT_FOUND'
  | 'PROJECT_INVALID'
  | 'WRONG_USAGE'
  | 'LOCK_INVALID'
  | 'SCHEMA_INVALID'
  | 'ENGINE_MISSING'
  | 'NO_DATA'
  | 'SERVER_UNREACHABLE'
  | 'BATCH_THREAD_ENDED'
  /** Something went wrong in it that nobody expected. */
  | 'BATCH_THREAD_FAILED'
  | 'ANSWER_DIFFERS';

export class CliError extends TwofoldError<CliErrorCode> {
  override readonly name = 'CliError';
}
