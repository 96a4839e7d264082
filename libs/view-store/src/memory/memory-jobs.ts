import type { JobRow } from '@twofold/schedules';
import { frozenCopy } from '../frozen-copy.ts';
import { storeGone } from '../refusals.ts';
import type { JobRows } from '../view-store.ts';
import type { Access } from './access.ts';

/** By job. */
export type JobState = Map<string, JobRow>;

export function memoryJobs(rows: JobState, access: Access): JobRows {
  return {
    read: async (job) => {
      access.enter();
      return rows.get(job) ?? null;
    },
    list: async () => {
      access.enter();
      return [...rows.values()].sort((a, b) => (a.job < b.job ? -1 : 1));
    },
    compareAndSet: async (row) => {
      access.enter();
      if (row.incarnation !== access.incarnation) throw storeGone(row.incarnation);
      if ((rows.get(row.job)?.sequence ?? 0) !== row.sequence - 1) return false;
      rows.set(row.job, frozenCopy(row));
      return true;
    },
  };
}
