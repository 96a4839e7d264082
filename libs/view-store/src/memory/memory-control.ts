import type { ControlRow } from '@twofold/releases';
import { frozenCopy } from '../frozen-copy.ts';
import { storeGone } from '../refusals.ts';
import type { ControlRows } from '../view-store.ts';
import type { Access } from './access.ts';

export interface ControlState {
  row: ControlRow | null;
}

export const emptyControl = (): ControlState => ({ row: null });

export function memoryControl(state: ControlState, access: Access): ControlRows {
  /** A row of a lost store must not pass for one of this store, whatever its sequence (E5). */
  function checkIncarnation(row: ControlRow): void {
    if (row.incarnation !== access.incarnation) throw storeGone(row.incarnation);
  }
  return {
    read: async (signal) => {
      access.enter(signal);
      return state.row;
    },
    create: async (row) => {
      access.enter();
      checkIncarnation(row);
      if (state.row !== null) return false;
      state.row = frozenCopy(row);
      return true;
    },
    compareAndSet: async (row) => {
      access.enter();
      checkIncarnation(row);
      if (state.row === null || state.row.sequence !== row.sequence - 1) return false;
      state.row = frozenCopy(row);
      return true;
    },
  };
}
