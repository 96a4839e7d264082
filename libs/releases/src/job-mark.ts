import type { ControlRow } from './control-row.ts';
import { refuse } from './errors.ts';
import { next, type Transition } from './transition.ts';

/** For whom a change is made: one run of one job, and the fence it holds. */
export interface ChangeMark {
  readonly job: string;
  readonly fence: number;
  readonly run: string;
  readonly slot: number | null;
}

/** Lifts a job's fence. Whoever held it with a lower one changes nothing any more. Null: it is as high already. */
export function liftFence(row: ControlRow, job: string, fence: number): Transition | null {
  const mark = row.jobs?.[job] ?? { fence: 0, run: null, slot: null, release: null };
  if (mark.fence >= fence) return null;
  return next(row, { jobs: { ...row.jobs, [job]: { ...mark, fence } } });
}

/**
 * A change made for a run of a job: refused as FENCED when somebody else has taken the job since, or has done the
 * slot's work already.
 * @param of null: the change is nobody's job
 * @param release what the change makes live; null: nothing yet
 */
export function carrying(
  row: ControlRow,
  of: ChangeMark | null,
  change: (row: ControlRow) => Transition,
  release: string | null,
): Transition {
  if (of === null) return change(row);
  const { job, fence, run, slot } = of;
  const known = row.jobs?.[job];
  if (known !== undefined && known.fence > fence)
    return refuse('FENCED', `job ${job} was taken over (fence ${known.fence}, this run holds ${fence})`);
  if (slot !== null && known?.slot === slot && known.run !== run)
    return refuse('FENCED', `slot ${new Date(slot).toISOString()} of job ${job} was done by run ${known.run}`);
  const made = change(row);
  if (!made.ok || release === null) return made;
  const old = known ?? { run: null, slot: null, release: null };
  const mark = slot === null ? { ...old, fence } : { fence, run, slot, release };
  return { ...made, row: { ...made.row, jobs: { ...row.jobs, [job]: mark } } };
}
