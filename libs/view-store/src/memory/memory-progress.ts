import { frozenCopy } from '../frozen-copy.ts';
import type { Progress, ProgressRecord, ViewVersion } from '../view-store.ts';
import type { Access } from './access.ts';

/** By (view, version, partition, lane). */
export type ProgressState = Map<string, ProgressRecord>;

export const emptyProgress = (): ProgressState => new Map();

export function memoryProgress(state: ProgressState, access: Access): Progress {
  const keyOf = (of: ViewVersion, partition: number, lane: string): string =>
    JSON.stringify([of.view, of.version, partition, lane]);
  return {
    write: async (records, signal) => {
      access.enter(signal);
      for (const record of records) {
        const key = keyOf(record, record.partition, record.lane);
        const old = state.get(key);
        if (old === undefined || outranks(record, old)) state.set(key, frozenCopy(record));
      }
    },
    read: async (of, signal) => {
      access.enter(signal);
      return [...state.values()]
        .filter((record) => record.view === of.view && record.version === of.version)
        .sort((a, b) => a.partition - b.partition || (a.lane < b.lane ? -1 : 1));
    },
    remove: async (of, partition, lanes) => {
      access.enter();
      for (const lane of lanes) state.delete(keyOf(of, partition, lane));
    },
  };
}

function outranks(record: ProgressRecord, old: ProgressRecord): boolean {
  if (record.next !== old.next) return record.next > old.next;
  return (record.caughtUpAt ?? -Infinity) > (old.caughtUpAt ?? -Infinity);
}
