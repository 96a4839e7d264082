import type { CronTable } from './cron-table.ts';
import type { Timetable } from './due.ts';
import type { Asked, JobRow, Trying } from './job-row.ts';
import type { RunRecord } from './run-record.ts';
import { settle } from './slot-ranges.ts';
import { latestSlot, nextSlot, slotsBetween } from './slots.ts';

/** Failed runs of old work before it is let go of. */
const ASKED_FAILURES = 3;

/** The first row of a job. Slots before the newest are not caught up: there was no schedule then. */
export function newJob(job: string, incarnation: string, { schedule, table }: Timetable, now: number): JobRow {
  let first = latestSlot(table, now) ?? now;
  const newest = first;
  for (let i = 0; i < schedule.missedAtMost; i++) first = latestSlot(table, first - 1) ?? first;
  const settled = schedule.missed === 'all' ? settle([], first, latestSlot(table, newest - 1) ?? first, table) : [];
  return {
    ...{ format: 1, incarnation, job, sequence: 1, fence: 0, holder: null, clean: true, settled },
    ...{ trying: null, queued: null, paused: null, resumedAt: null, last: null, asked: [] },
  };
}

/** Takes the job for a run, whose fence is the row's next. Null: somebody has it. */
export function hold(row: JobRow, run: RunRecord, asked: string | null, table: CronTable): JobRow | null {
  if (row.holder !== null || run.fence !== row.fence + 1) return null;
  const base = { ...row, fence: run.fence, holder: { run, beat: 0, asked }, clean: false };
  if (run.slot === null) return next(row, base);
  const older = row.trying !== null && row.trying.slot !== run.slot ? row.trying.slot : null;
  return next(row, {
    ...base,
    // The slot that was tried before had its runs, and is left for this one.
    settled: older === null ? row.settled : settle(row.settled, older, older, table),
    trying: { slot: run.slot, attempts: run.attempt ?? 1, waiting: null },
  });
}

/** A sign of life, with the record as it is now. Null: the job is no longer this holder's. */
export function keep(row: JobRow, run: RunRecord): JobRow | null {
  if (row.holder === null || row.fence !== run.fence) return null;
  return next(row, { holder: { ...row.holder, run, beat: row.holder.beat + 1 } });
}

/** Closes the run of a holder that has shown no sign of life for a lease. What it still does, the fence has to refuse. */
export function takeOver(row: JobRow, now: number, timetable: Timetable): JobRow | null {
  const { holder } = row;
  if (holder === null) return null;
  const run: RunRecord = { ...holder.run, state: 'ABANDONED', endedAt: now, progress: null };
  return next(row, { ...ended(row, run, timetable, true), holder: null, clean: false, last: run });
}

/**
 * Ends a run.
 * @param ranUntil wall clock as it would be had it not been moved since the start: slots up to it came due meanwhile
 */
export function release(row: JobRow, run: RunRecord, timetable: Timetable, ranUntil: number): JobRow | null {
  if (row.holder === null || row.fence !== run.fence) return null;
  const { schedule, table } = timetable;
  const after = ended(row, run, timetable, false);
  const changes = { ...after, holder: null, clean: run.state === 'SUCCEEDED' || run.state === 'WAITING' };
  const during = run.slot === null ? null : latestSlot(table, ranUntil);
  if (run.slot === null || during === null || during <= run.slot || run.state === 'WAITING')
    return next(row, { ...changes, last: run });
  if (schedule.overlap !== 'skip') return next(row, { ...changes, last: run, queued: during });
  const from = nextSlot(table, run.slot) ?? during;
  const skipped = { slots: slotsBetween(table, run.slot, during) + 1, from, to: during, why: 'OVERLAP' as const };
  return next(row, {
    ...changes,
    last: { ...run, passedOver: [...(run.passedOver ?? []), skipped] },
    settled: settle(after.settled, from, during, table),
  });
}

/** @param crashed its holder is gone, and may have been brought down by the run; else it said itself how it ended */
function ended(
  row: JobRow,
  run: RunRecord,
  timetable: Timetable,
  crashed: boolean,
): Pick<JobRow, 'settled' | 'trying' | 'asked'> {
  const asked = row.asked.flatMap((each) => (each.id === row.holder?.asked ? afterRun(each, run, crashed) : [each]));
  if (run.slot === null) return { settled: row.settled, trying: row.trying, asked };
  const trying = triedAgain(row, run, timetable, crashed);
  const { settled } = row;
  return { settled: trying === null ? settle(settled, run.slot, run.slot, timetable.table) : settled, trying, asked };
}

/** Null: the slot is settled. */
function triedAgain(row: JobRow, run: RunRecord, { schedule }: Timetable, crashed: boolean): Trying | null {
  const slot = run.slot ?? 0;
  const attempts = row.trying?.attempts ?? 1;
  if (run.state === 'WAITING') return { slot, attempts: attempts - 1, waiting: run };
  // A process that was asked to end has not failed.
  if (run.state === 'ABANDONED' && !crashed) return { slot, attempts: attempts - 1, waiting: null };
  // What a failed run made live stays: the rest of it is done again when people ask for it.
  const again = (run.state === 'FAILED' && run.release === null) || crashed;
  return again && attempts < schedule.attempts ? { slot, attempts, waiting: null } : null;
}

/** What is left of old work after a run of it. */
function afterRun(asked: Asked, run: RunRecord, crashed: boolean): Asked[] {
  if (run.state === 'ABANDONED' && !crashed) return [asked];
  if (run.state !== 'SUCCEEDED') {
    const failures = asked.failures + 1;
    return failures < ASKED_FAILURES && run.state !== 'REFUSED' ? [{ ...asked, failures }] : [];
  }
  if (asked.kind === 'RETRY') return [];
  const { from } = pieceOf(asked);
  return from <= asked.from ? [] : [{ ...asked, next: from, pieces: asked.pieces + 1, failures: 0 }];
}

/** The newest piece of a backfill that is not done: event time, milliseconds, `[from, to)`, cut at multiples of its size. */
export function pieceOf(asked: { readonly from: number; readonly next: number; readonly pieceMs: number }): {
  readonly from: number;
  readonly to: number;
} {
  const edge = (Math.ceil(asked.next / asked.pieceMs) - 1) * asked.pieceMs;
  return { from: Math.max(asked.from, edge), to: asked.next };
}

export function next(row: JobRow, changes: Partial<JobRow>): JobRow {
  return { ...row, ...changes, sequence: row.sequence + 1 };
}
