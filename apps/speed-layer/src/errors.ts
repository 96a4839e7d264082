import { TwofoldError } from '@twofold/schemas';

/** Closed list of what stops a partition: each is an incident that a person has to look at (E7). */
export type SpeedErrorCode = 'LOG_REPLACED' | 'STREAM_DIFFERS' | 'VIEW_DIFFERS' | 'NO_OPERATOR';

export class SpeedError extends TwofoldError<SpeedErrorCode> {
  override readonly name = 'SpeedError';
}
