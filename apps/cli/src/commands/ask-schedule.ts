import {
  backfillView,
  pauseSchedule as askPause,
  resumeSchedule as askResume,
  retryRun as askRetry,
  type Accepted,
  type ScheduleDesk,
} from '@twofold/batch-layer';
import { parseDuration, SchemaError } from '@twofold/schemas';
import { userInfo } from 'node:os';
import type { Call } from '../command-call.ts';
import { CliError } from '../errors.ts';
import { openToLook } from '../look.ts';
import { EXIT, iso, print } from '../output.ts';

interface ByWhom {
  readonly by?: string;
  readonly reason?: string;
}

/** No more runs of the schedule begin; one that is going goes on. */
export function pauseSchedule(call: Call<ByWhom>, name: string): Promise<number> {
  const { reason = '' } = call.options;
  return asking(
    call,
    (desk) => askPause(desk, name, { by: byOf(call), reason }),
    ({ schedule }) => `${schedule.name} is paused; twofold resume ${name} lets it go on`,
  );
}

export function resumeSchedule(call: Call<unknown>, name: string): Promise<number> {
  return asking(
    call,
    (desk) => askResume(desk, name),
    ({ schedule }) => `${schedule.name} goes on; of slots in the pause: ${schedule.missed}`,
  );
}

/** What failed of a run is done again, at the cut that it had. */
export function retryRun(call: Call<ByWhom & { readonly pass?: readonly string[] }>, id: string): Promise<number> {
  const { pass: passing = [] } = call.options;
  return asking(
    call,
    (desk) => askRetry(desk, id, { by: byOf(call), passing }),
    ({ asked }) => {
      const place =
        asked?.kind === 'RETRY' && asked.cuts === null ? "up to the archive's end" : `at the cut of run ${id}`;
      return `asked for: ${asked?.views.join(', ') ?? ''} again, ${place}`;
    },
  );
}

/** A range of event time is built again, newest first, when nothing else is due. */
export async function backfill(
  call: Call<ByWhom & { from: string; to: string; piece?: string; rest: string }>,
  name: string,
): Promise<number> {
  const { from: first, to: last, piece, rest } = call.options;
  const [from, to] = [instant('--from', first), instant('--to', last)];
  if (from >= to) throw new CliError('WRONG_USAGE', `--from ${first} is not before --to ${last}`);
  const pieceMs = piece === undefined ? null : duration('--piece', piece);
  const restMs = duration('--rest', rest);
  return asking(
    call,
    (desk) => backfillView(desk, name, { by: byOf(call), from, to, pieceMs, restMs }),
    () => `asked for: ${name} from ${iso(from)} to ${iso(to)}, newest first; twofold schedules shows how far it is`,
  );
}

/** Asks it of the job's row, and says so. @throws REQUEST_REFUSED: nothing was changed */
async function asking(
  { project: folder, values, json }: Call<unknown>,
  ask: (desk: ScheduleDesk) => Promise<Accepted>,
  told: (accepted: Accepted) => string,
): Promise<number> {
  const look = await openToLook(folder, values, 'write');
  try {
    const accepted = await ask({ ...look, views: look.project.views, cron: values.schedule });
    print(json, { job: accepted.job, asked: accepted.asked }, () => [told(accepted)]);
    return EXIT.done;
  } finally {
    await look.close();
  }
}

function byOf({ options }: Call<ByWhom>): string {
  return options.by ?? userInfo().username;
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
