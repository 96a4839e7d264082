import { TwofoldError } from '@twofold/schemas';

/** Closed list of what a schedule's declaration, and a change that people ask of a job, is refused for. */
export type ScheduleErrorCode =
  /** No cron expression, or one that is never due. */
  | 'CRON_INVALID'
  /** A cron expression in local time. */
  | 'CRON_ZONED'
  | 'SCHEDULE_INVALID';

export class ScheduleError extends TwofoldError<ScheduleErrorCode> {
  override readonly name = 'ScheduleError';
}
