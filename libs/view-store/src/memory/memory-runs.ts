import { frozenCopy } from '../frozen-copy.ts';
import type { RunRecord, Runs } from '../view-store.ts';
import type { Access } from './access.ts';

export interface RunState {
  readonly runs: Map<string, RunRecord>;
  /** Job → slot → run. */
  readonly slots: Map<string, Map<number, string>>;
}

export const emptyRunState = (): RunState => ({ runs: new Map(), slots: new Map() });

export function memoryRuns(state: RunState, access: Access): Runs {
  return {
    put: async (run) => {
      access.enter();
      state.runs.set(run.id, frozenCopy(run));
    },
    claimSlot: async (job, slot, run) => {
      access.enter();
      const slots = state.slots.get(job) ?? new Map<number, string>();
      state.slots.set(job, slots);
      if (!slots.has(slot)) {
        slots.set(slot, run.id);
        state.runs.set(run.id, frozenCopy(run));
      }
      return slots.get(slot) === run.id;
    },
    list: async ({ job, limit }) => {
      access.enter();
      return [...state.runs.values()]
        .filter((run) => job === undefined || run.job === job)
        .sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1))
        .slice(0, limit);
    },
    lastSlot: async (job) => {
      access.enter();
      const slots = [...(state.slots.get(job)?.keys() ?? [])];
      return slots.length === 0 ? null : Math.max(...slots);
    },
  };
}
