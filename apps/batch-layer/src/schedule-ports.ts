import type { Clock, Cron, Ids, Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';

export interface SchedulePorts {
  readonly store: Pick<ViewStore, 'incarnation' | 'runs' | 'jobs' | 'control'>;
  readonly clock: Clock;
  readonly cron: Cron;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly times?: ScheduleTimes;
}

/** Milliseconds, all on monotonic clocks. */
export interface ScheduleTimes {
  /** Even when cron never calls, what is due is looked for this often. */
  readonly lookMs: number;
  /** A holder that shows no sign of life for so long has lost the job. */
  readonly leaseMs: number;
  /** Between signs of life; a fraction of the lease. */
  readonly beatMs: number;
  /** A run that waits for what it needs looks again so often. */
  readonly readyMs: number;
}

export const SCHEDULE_TIMES: ScheduleTimes = { lookMs: 5_000, leaseMs: 60_000, beatMs: 10_000, readyMs: 15_000 };
