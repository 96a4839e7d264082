import { isTwofoldError } from '@twofold/schemas';
import type { Clock } from '@twofold/service';
import type { JobRow, JobRows } from '@twofold/view-store';
import { BatchError } from './errors.ts';

const ATTEMPTS = 100;
const RETRY_MS = 5;

/** One change of a job's row. */
export interface JobChange {
  /** The next row made from the row as it is; null: there is nothing to do any more. */
  readonly make: (row: JobRow | null) => JobRow | null;
  /** The row shows the change: it was made, whatever became of its answer. */
  readonly isMade: (row: JobRow) => boolean;
}

/** Changes a job's row by one compare-and-set; gives the row that shows the change, or null when there was nothing to do. */
export async function changeJob(
  jobs: JobRows,
  clock: Clock,
  job: string,
  { make, isMade }: JobChange,
  signal?: AbortSignal,
): Promise<JobRow | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    signal?.throwIfAborted();
    try {
      const row = await jobs.read(job);
      if (attempt > 0 && row !== null && isMade(row)) return row;
      const next = make(row);
      if (next === null) return null;
      if (await jobs.compareAndSet(next)) return next;
    } catch (error) {
      if (!isTwofoldError(error) || (error.code !== 'OUTCOME_UNKNOWN' && !error.retryable)) throw error;
    }
    await clock.sleep(RETRY_MS * Math.min(20, attempt + 1), signal);
  }
  throw new BatchError('JOB_BUSY', `the row of job ${job} could not be changed in ${ATTEMPTS} attempts`, {
    retryable: true,
  });
}
