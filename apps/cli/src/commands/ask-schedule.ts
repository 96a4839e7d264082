import { changeJob, partMs, scheduledViews, type ScheduledViews } from '@twofold/batch-layer';
import { parseDuration, SchemaError } from '@twofold/schemas';
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
import type { JobRow } from '@twofold/view-store';
import { userInfo } from 'node:os';
import type { Call } from '../command-call.ts';
import { CliError } from '../errors.ts';
import { openToLook, type Look } from '../look.ts';
import { EXIT, iso, print } from '../output.ts';
import { findRun } from '../run-history.ts';

interface ByWhom {
  readonly by?: string;
  readonly reason?: string;
}

/** No more runs of the schedule begin; one that is going goes on. */
export function pauseSchedule(call: Call<ByWhom>, name: string): Promise<number> {
  const { by = userInfo().username, reason = '' } = call.options;
  return change(call, (look) => scheduleOf(look, call, name), {
    make: (row, { clock }) => pause(row, { at: clock.now(), by, reason }),
    isMade: (row) => row.paused !== null,
    told: ({ schedule }) => `${schedule.name} is paused; twofold resume ${name} lets it go on`,
  });
}

export function resumeSchedule(call: Call<unknown>, name: string): Promise<number> {
  return change(call, (look) => scheduleOf(look, call, name), {
    make: (row, { clock }) => resume(row, clock.now()),
    isMade: (row) => row.paused === null,
    told: ({ schedule }) => `${schedule.name} goes on; of slots in the pause: ${schedule.missed}`,
  });
}

/** What failed of a run is done again, at the cut that it had. */
export async function retryRun(call: Call<ByWhom>, id: string): Promise<number> {
  return change(
    call,
    async (look) => {
      const run = await findRun(look.store, id);
      const again = retryOf(run);
      if ('code' in again) throw refused(again.message);
      const of = scheduledViews(look.project.views, call.values.schedule).find(({ job }) => job === run.job);
      if (of === undefined) throw refused(`${run.job} is no job of the project any more`);
      return { ...of, asked: { kind: 'RETRY' as const, ...askedBy(call, look), run: id, ...again } };
    },
    {
      make: (row, _, { asked }) => ask(row, asked),
      isMade: (row, { asked }) => row.asked.some((each) => each.id === asked.id),
      told: ({ asked }) => `asked for: ${asked.views.join(', ')} again, at the cut of run ${id}`,
    },
  );
}

/** A range of event time is built again, newest first, when nothing else is due. */
export function backfill(
  call: Call<ByWhom & { from: string; to: string; piece?: string; rest: string }>,
  name: string,
): Promise<number> {
  const { from: first, to: last, piece, rest } = call.options;
  const [from, to] = [instant('--from', first), instant('--to', last)];
  if (from >= to) throw new CliError('WRONG_USAGE', `--from ${first} is not before --to ${last}`);
  return change(
    call,
    async (look) => {
      const view = look.project.views.find((each) => each.name === name);
      if (view === undefined) throw new CliError('WRONG_USAGE', `there is no view ${name}`);
      const of = scheduleOf(look, call, name);
      const pieceMs = piece === undefined ? partMs(view.levels.at(-1)?.widthMs ?? 1) : duration('--piece', piece);
      const asked: AskedBackfill = {
        ...{ kind: 'BACKFILL', ...askedBy(call, look), views: [name], from, to, next: to },
        ...{ pieceMs, restMs: duration('--rest', rest), pieces: 0 },
      };
      return { ...of, asked };
    },
    {
      make: (row, _, { asked }) => ask(row, asked),
      isMade: (row, { asked }) => row.asked.some((each) => each.id === asked.id),
      told: () =>
        `asked for: ${name} from ${iso(from)} to ${iso(to)}, newest first; twofold schedules shows how far it is`,
    },
  );
}

/** Changes the row of the job that `find` names, and says so. @throws REQUEST_REFUSED: nothing was changed */
async function change<Of extends ScheduledViews & { readonly asked?: Asked }>(
  { project, values, json }: Call<unknown>,
  find: (look: Look) => Promise<Of> | Of,
  request: {
    readonly make: (row: JobRow, look: Look, of: Of) => Requested;
    readonly isMade: (row: JobRow, of: Of) => boolean;
    readonly told: (of: Of) => string;
  },
): Promise<number> {
  const look = await openToLook(project, values, 'write');
  try {
    const { store, clock } = look;
    const of = await find(look);
    const timetable = { schedule: of.schedule, table: parseCron(of.schedule.cron) };
    await changeJob(store.jobs, clock, of.job, {
      make: (found) => {
        // Before the first run there is no row yet.
        const row = found ?? { ...newJob(of.job, store.incarnation, timetable, clock.now()), sequence: 0 };
        const made = request.make(row, look, of);
        if (!made.ok) throw refused(made.message);
        return made.row;
      },
      isMade: (row) => request.isMade(row, of),
    });
    print(json, { job: of.job, asked: of.asked ?? null }, () => [request.told(of)]);
    return EXIT.done;
  } finally {
    await look.close();
  }
}

function scheduleOf({ project }: Look, { values }: Call<unknown>, name: string): ScheduledViews {
  const all = scheduledViews(project.views, values.schedule);
  const found =
    all.find(({ schedule }) => schedule.name === name) ?? all.find(({ views }) => views.some((v) => v.name === name));
  if (found !== undefined) return found;
  throw new CliError(
    'WRONG_USAGE',
    `there is no schedule and no view ${name}; the schedules are: ${all.map(({ schedule }) => `"${schedule.name}"`).join(', ')}`,
  );
}

function askedBy({ options }: Call<ByWhom>, { ids, clock }: Look) {
  return { id: ids.next(), at: clock.now(), by: options.by ?? userInfo().username, failures: 0 };
}

function refused(message: string): CliError {
  return new CliError('REQUEST_REFUSED', `${message}. Nothing was changed.`);
}

function instant(flag: string, text: string): number {
  const ms = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (Number.isFinite(ms) && /(?:Z|[+-]\d\d:\d\d)$|^\d{4}-\d\d-\d\d$/.test(text)) return ms;
  throw new CliError('WRONG_USAGE', `${flag} takes a time with its offset, such as 2026-01-01T00:00:00Z, not ${text}`);
}

function duration(flag: string, text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new CliError('WRONG_USAGE', `${flag}: ${error.message}`);
  }
}
