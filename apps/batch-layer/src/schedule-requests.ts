import {
  ask,
  newJob,
  parseCron,
  pause,
  resume,
  retryOf,
  type Asked,
  type AskedBackfill,
  type Requested,
} from '@twofold/schedules';
import type { Clock, Ids } from '@twofold/service';
import type { JobRow, ViewStore } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { changeJob } from './change-job.ts';
import { BatchError } from './errors.ts';
import { partMs } from './plan-build.ts';
import { findRun } from './run-history.ts';
import { scheduledViews, type ScheduledViews } from './scheduled-views.ts';

/** What people ask of schedules, by whichever door: each is one change of a job's row. */
export interface ScheduleDesk {
  readonly views: readonly View[];
  /** Cron expression, UTC, of views that declare no schedule. */
  readonly cron: string;
  readonly store: Pick<ViewStore, 'incarnation' | 'jobs' | 'runs'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What was asked for and taken down. */
export type Accepted = ScheduledViews & { readonly asked: Asked | null };

export interface ByWhom {
  readonly by: string;
}

/** No more runs of the schedule begin; one that is going goes on. @throws REQUEST_REFUSED, NAME_UNKNOWN */
export function pauseSchedule(desk: ScheduleDesk, name: string, of: ByWhom & { reason: string }): Promise<Accepted> {
  return change(desk, scheduleOf(desk, name), null, {
    make: (row) => pause(row, { at: desk.clock.now(), by: of.by, reason: of.reason }),
    isMade: (row) => row.paused !== null,
  });
}

/** @throws REQUEST_REFUSED, NAME_UNKNOWN */
export function resumeSchedule(desk: ScheduleDesk, name: string): Promise<Accepted> {
  return change(desk, scheduleOf(desk, name), null, {
    make: (row) => resume(row, desk.clock.now()),
    isMade: (row) => row.paused === null,
  });
}

/**
 * What failed of a run is done again, at the cut that it had; a run that did not begin, up to the archive's end.
 * @param of.passing gates, and limits that keep runs from beginning, that are only told this time
 * @throws REQUEST_REFUSED, NAME_UNKNOWN
 */
export async function retryRun(
  desk: ScheduleDesk,
  id: string,
  of: ByWhom & { readonly passing?: readonly string[] },
): Promise<Accepted> {
  const run = await findRun(desk.store, id);
  const { passing = [] } = of;
  const again = retryOf(run, passing);
  if ('code' in again) throw refused(again.message);
  const job = scheduledViews(desk.views, desk.cron).find((each) => each.job === run.job);
  if (job === undefined) throw refused(`${run.job} is no job of a schedule of the project`);
  const asked = { kind: 'RETRY' as const, ...askedBy(desk, of), run: id, ...again, passing };
  return askFor(desk, job, asked);
}

/** A range of event time is built again, newest first, when nothing else is due. @throws REQUEST_REFUSED, … */
export async function backfillView(
  desk: ScheduleDesk,
  name: string,
  of: ByWhom & {
    readonly from: number;
    readonly to: number;
    /** Event time of one run, milliseconds; null: what the view's coarsest parts hold. */
    readonly pieceMs: number | null;
    readonly restMs: number;
  },
): Promise<Accepted> {
  const { from, to, restMs } = of;
  if (!(from < to)) throw new BatchError('REQUEST_INVALID', 'the range ends before it begins; nothing was changed');
  const view = desk.views.find((each) => each.name === name);
  if (view === undefined) throw new BatchError('NAME_UNKNOWN', `there is no view ${name}`);
  const pieceMs = of.pieceMs ?? partMs(view.levels.at(-1)?.widthMs ?? 1);
  const asked: AskedBackfill = {
    ...{ kind: 'BACKFILL', ...askedBy(desk, of), views: [name], from, to, next: to },
    ...{ pieceMs, restMs, pieces: 0 },
  };
  return askFor(desk, scheduleOf(desk, name), asked);
}

function askFor(desk: ScheduleDesk, job: ScheduledViews, asked: Asked): Promise<Accepted> {
  return change(desk, job, asked, {
    make: (row) => ask(row, asked),
    isMade: (row) => row.asked.some((each) => each.id === asked.id),
  });
}

async function change(
  { store, clock }: ScheduleDesk,
  of: ScheduledViews,
  asked: Asked | null,
  request: { readonly make: (row: JobRow) => Requested; readonly isMade: (row: JobRow) => boolean },
): Promise<Accepted> {
  const timetable = { schedule: of.schedule, table: parseCron(of.schedule.cron) };
  await changeJob(store.jobs, clock, of.job, {
    make: (found) => {
      // Before the first run there is no row yet.
      const row = found ?? { ...newJob(of.job, store.incarnation, timetable, clock.now()), sequence: 0 };
      const made = request.make(row);
      if (!made.ok) throw refused(made.message);
      return made.row;
    },
    isMade: request.isMade,
  });
  return { ...of, asked };
}

function scheduleOf({ views, cron }: ScheduleDesk, name: string): ScheduledViews {
  const all = scheduledViews(views, cron);
  const found =
    all.find(({ schedule }) => schedule.name === name) ??
    all.find((each) => each.views.some((view) => view.name === name));
  if (found !== undefined) return found;
  throw new BatchError(
    'NAME_UNKNOWN',
    `there is no schedule and no view ${name}; the schedules are: ${all.map(({ schedule }) => `"${schedule.name}"`).join(', ')}`,
  );
}

function askedBy({ ids, clock }: ScheduleDesk, { by }: ByWhom) {
  return { id: ids.next(), at: clock.now(), by, failures: 0 };
}

function refused(message: string): BatchError {
  return new BatchError('REQUEST_REFUSED', `${message}. Nothing was changed.`);
}
