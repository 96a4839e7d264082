import { plainSchedule, type Schedule } from '@twofold/schedules';
import type { View } from '@twofold/views';

/** The views of one schedule: they are one job, and move together. */
export interface ScheduledViews {
  /** What its runs are found under, in the history and in the store. */
  readonly job: string;
  readonly schedule: Schedule;
  readonly views: readonly View[];
}

/** @param cron of views that declare no schedule */
export function scheduledViews(views: readonly View[], cron: string): ScheduledViews[] {
  const usual = plainSchedule(cron);
  const byName = new Map<string, { job: string; schedule: Schedule; views: View[] }>();
  for (const view of views) {
    const schedule = view.schedule ?? usual;
    const known = byName.get(schedule.name);
    if (known === undefined) byName.set(schedule.name, { job: `recompute ${schedule.name}`, schedule, views: [view] });
    else known.views.push(view);
  }
  return [...byName.values()];
}
