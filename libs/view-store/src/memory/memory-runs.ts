import { frozenCopy } from '../frozen-copy.ts';
import type { RunPlace, RunRecord, Runs } from '../view-store.ts';
import type { Access } from './access.ts';

/** By id. */
export type RunState = Map<string, RunRecord>;

export function memoryRuns(runs: RunState, access: Access): Runs {
  return {
    put: async (run) => {
      access.enter();
      runs.set(run.id, frozenCopy(run));
    },
    list: async ({ job, limit, before }) => {
      access.enter();
      return [...runs.values()]
        .filter(
          (run) => (job === undefined || run.job === job) && (before === undefined || newestFirst(before, run) < 0),
        )
        .sort(newestFirst)
        .slice(0, limit);
    },
  };
}

function newestFirst(a: RunPlace, b: RunPlace): number {
  if (a.startedAt !== b.startedAt) return b.startedAt - a.startedAt;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}
