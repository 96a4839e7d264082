import { next } from './job-changes.ts';
import type { Asked, JobRow } from './job-row.ts';
import type { RunRecord } from './run-record.ts';
import { REJECTED } from './schedule.ts';

/** Old work that one job keeps at the most. */
const ASKED = 100;

/** Why a request is refused. A refusal is a value: whoever asked is told. */
export interface RequestRefusal {
  readonly code:
    | 'ALREADY_PAUSED'
    | 'NOT_PAUSED'
    | 'ALREADY_ASKED'
    | 'TOO_MUCH_ASKED'
    | 'NOTHING_FAILED'
    | 'RUN_GOES_ON'
    | 'NO_CUT'
    | 'RANGE_INVALID';
  /** What was refused and why. */
  readonly message: string;
}

export type Requested = { readonly ok: true; readonly row: JobRow } | ({ readonly ok: false } & RequestRefusal);

export function refuseRequest(code: RequestRefusal['code'], message: string): { readonly ok: false } & RequestRefusal {
  return { ok: false, code, message };
}

/** Starts nothing more. A run that is going goes on. */
export function pause(row: JobRow, pause: { at: number; by: string; reason: string }): Requested {
  if (row.paused !== null)
    return refuseRequest(
      'ALREADY_PAUSED',
      `${row.job} has been paused since ${new Date(row.paused.at).toISOString()} by ${row.paused.by}: ${row.paused.reason}`,
    );
  return { ok: true, row: next(row, { paused: pause }) };
}

/** Goes on. Slots of the pause are missed ones: the schedule says what becomes of them. */
export function resume(row: JobRow, now: number): Requested {
  if (row.paused === null) return refuseRequest('NOT_PAUSED', `${row.job} is not paused`);
  return { ok: true, row: next(row, { paused: null, resumedAt: now }) };
}

export function ask(row: JobRow, asked: Asked): Requested {
  const same = row.asked.find((each) => meaning(each) === meaning(asked));
  if (same !== undefined)
    return refuseRequest('ALREADY_ASKED', `${row.job} is to do that already: asked for by ${same.by}, id ${same.id}`);
  if (row.asked.length >= ASKED)
    return refuseRequest('TOO_MUCH_ASKED', `${row.job} has ${row.asked.length} pieces of old work to do; wait`);
  return { ok: true, row: next(row, { asked: [...row.asked, asked] }) };
}

/**
 * What of a run is to be done again: the views that failed, at the cuts that it had. A run that did not begin had none; it
 * is begun when something that it lacked is passed.
 */
export function retryOf(
  run: RunRecord,
  passing: readonly string[] = [],
): { views: string[]; cuts: Record<string, readonly number[]> | null } | RequestRefusal {
  const didNotBegin = run.state === 'WAITING' || run.error?.code === 'NOT_READY';
  if (didNotBegin && passing.length > 0) return { views: [...run.subjects], cuts: null };
  if (run.state === 'RUNNING' || run.state === 'WAITING')
    return { code: 'RUN_GOES_ON', message: `run ${run.id} has not ended` };
  const failed = (run.outputs ?? []).filter(({ state }) => state === 'FAILED').map(({ view }) => view);
  const views = failed.length > 0 || run.state === 'SUCCEEDED' ? failed : [...run.subjects];
  if (views.length === 0)
    return { code: 'NOTHING_FAILED', message: `run ${run.id} ended as ${run.state}; nothing of it failed` };
  const cuts = Object.fromEntries((run.inputs ?? []).map(({ view, cut }) => [view, cut]));
  const unknown = views.find((view) => cuts[view] === undefined);
  if (unknown === undefined) return { views, cuts };
  const way = didNotBegin
    ? `; if too many events are rejected, pass '${REJECTED}' once somebody has looked at them`
    : '';
  return {
    code: 'NO_CUT',
    message: `run ${run.id} ended before view ${unknown} had a cut; the next run of the schedule does its work${way}`,
  };
}

function meaning(asked: Asked): string {
  return asked.kind === 'RETRY'
    ? `retry ${asked.run}`
    : `backfill ${asked.from} ${asked.to} ${[...asked.views].sort().join(' ')}`;
}
