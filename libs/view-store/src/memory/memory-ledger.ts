import { frozenCopy } from '../frozen-copy.ts';
import type { DeadLetter, Ledger, LedgerEntry } from '../view-store.ts';
import type { Access } from './access.ts';

export interface LedgerState {
  /** By (stream, partition, slice). */
  readonly entries: Map<string, LedgerEntry>;
  /** By (stream, partition, offset). */
  readonly deadLetters: Map<string, DeadLetter>;
  /** By (stream, partition): letters below it were dropped for good. */
  readonly dropped: Map<string, number>;
}

export const emptyLedgerState = (): LedgerState => ({
  entries: new Map(),
  deadLetters: new Map(),
  dropped: new Map(),
});

export function memoryLedger(state: LedgerState, access: Access): Ledger {
  const ofStream = (stream: string): LedgerEntry[] =>
    [...state.entries.values()]
      .filter((entry) => entry.stream === stream)
      .sort((a, b) => a.partition - b.partition || a.slice - b.slice);
  return {
    write: async (entries, deadLetters, signal) => {
      access.enter(signal);
      for (const entry of entries) {
        const key = JSON.stringify([entry.stream, entry.partition, entry.slice]);
        const old = state.entries.get(key);
        if (old === undefined || entry.next > old.next) state.entries.set(key, frozenCopy(entry));
      }
      for (const letter of deadLetters) {
        const key = JSON.stringify([letter.stream, letter.partition, letter.offset]);
        const below = state.dropped.get(JSON.stringify([letter.stream, letter.partition])) ?? 0;
        if (letter.offset >= below && !state.deadLetters.has(key)) state.deadLetters.set(key, frozenCopy(letter));
      }
    },
    totals: async (stream) => {
      access.enter();
      const totals = new Map<number, LedgerEntry>();
      for (const entry of ofStream(stream)) {
        const sum = totals.get(entry.partition);
        totals.set(entry.partition, sum === undefined ? entry : plus(sum, entry));
      }
      return [...totals.values()];
    },
    read: async (stream, partition, sliceFrom, sliceBelow) => {
      access.enter();
      return ofStream(stream).filter(
        (entry) => entry.partition === partition && entry.slice >= sliceFrom && entry.slice < sliceBelow,
      );
    },
    deadLetters: async (stream, { limit, before }) => {
      access.enter();
      const letters = [...state.deadLetters.values()].filter((letter) => letter.stream === stream).sort(newestFirst);
      if (before === undefined) return letters.slice(0, limit);
      const at = letters.findIndex((each) => each.partition === before.partition && each.offset === before.offset);
      return at < 0 ? [] : letters.slice(at + 1, at + 1 + limit);
    },
    dropDeadLetters: async (stream, partition, below) => {
      access.enter();
      const place = JSON.stringify([stream, partition]);
      state.dropped.set(place, Math.max(below, state.dropped.get(place) ?? 0));
      let dropped = 0;
      for (const [key, letter] of state.deadLetters)
        if (letter.stream === stream && letter.partition === partition && letter.offset < below)
          dropped += Number(state.deadLetters.delete(key));
      return dropped;
    },
  };
}

function plus(sum: LedgerEntry, entry: LedgerEntry): LedgerEntry {
  return {
    ...entry,
    next: Math.max(sum.next, entry.next),
    applied: sum.applied + entry.applied,
    duplicate: sum.duplicate + entry.duplicate,
    rejected: sum.rejected + entry.rejected,
    control: sum.control + entry.control,
  };
}

function newestFirst(a: DeadLetter, b: DeadLetter): number {
  return b.logTime - a.logTime || b.partition - a.partition || b.offset - a.offset;
}
