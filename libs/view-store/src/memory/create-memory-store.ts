import type { StoreError } from '../errors.ts';
import { storeClosed, storeGone } from '../refusals.ts';
import type { UnprovedReads, ViewStore } from '../view-store.ts';
import type { Access } from './access.ts';
import { emptyControl, memoryControl } from './memory-control.ts';
import { memoryJobs, type JobState } from './memory-jobs.ts';
import { emptyLedgerState, memoryLedger } from './memory-ledger.ts';
import { emptyPartState, memoryParts } from './memory-parts.ts';
import { emptyProgress, memoryProgress } from './memory-progress.ts';
import { memoryRuns, type RunState } from './memory-runs.ts';
import { emptySpeedRows, memorySpeedRows } from './memory-speed-rows.ts';

/** The store in memory: a handle on it, and what only its owner can do to it. */
export interface MemoryStore extends ViewStore {
  /** One more handle on the store that is there now, as another process has one. */
  open(): ViewStore;
  /** Loses everything (E5). Every handle's calls fail with STORE_GONE; what `open` gives is a new, empty store. */
  destroy(): void;
}

/**
 * @param options.ids gives each incarnation its name.
 * @param options.onConflict told of a WRITE_CONFLICT; without it the write throws.
 */
export function createMemoryStore(options: {
  ids: { next(): string };
  onConflict?: (error: StoreError) => void;
}): MemoryStore {
  const conflict =
    options.onConflict ??
    ((error: StoreError): never => {
      throw error;
    });
  let state = emptyState(options.ids.next());
  const open = (): ViewStore => openHandle(state, () => state.incarnation, conflict);
  return {
    ...open(),
    open,
    destroy: () => {
      state = emptyState(options.ids.next());
    },
  };
}

function emptyState(incarnation: string) {
  return {
    incarnation,
    speedRows: emptySpeedRows(),
    progress: emptyProgress(),
    ledger: emptyLedgerState(),
    parts: emptyPartState(),
    control: emptyControl(),
    runs: new Map() as RunState,
    jobs: new Map() as JobState,
  };
}

function unprovedReads(state: ReturnType<typeof emptyState>, access: Access): UnprovedReads {
  const [control, progress] = [memoryControl(state.control, access), memoryProgress(state.progress, access)];
  const speedRows = memorySpeedRows(state.speedRows, access);
  return {
    control: (signal) => control.read(signal),
    progress: (of, signal) => progress.read(of, signal),
    speedRows: (query, signal) => speedRows.readWithSwept(query, signal),
  };
}

function openHandle(
  state: ReturnType<typeof emptyState>,
  current: () => string,
  conflict: Access['conflict'],
): ViewStore {
  const { incarnation } = state;
  let closed = false;
  const enterUnproved = (signal?: AbortSignal): void => {
    signal?.throwIfAborted();
    if (closed) throw storeClosed();
  };
  const access: Access = {
    incarnation,
    conflict,
    enter: (signal) => {
      enterUnproved(signal);
      if (current() !== incarnation) throw storeGone(incarnation);
    },
  };
  /** The weakest that the port allows: a handle goes on to see what it was opened on. */
  const unproved: Access = { ...access, enter: enterUnproved };
  const { readWithSwept: _, ...speedRows } = memorySpeedRows(state.speedRows, access);
  return {
    incarnation,
    speedRows,
    progress: memoryProgress(state.progress, access),
    ledger: memoryLedger(state.ledger, access),
    parts: memoryParts(state.parts, access),
    control: memoryControl(state.control, access),
    runs: memoryRuns(state.runs, access),
    jobs: memoryJobs(state.jobs, access),
    unproved: unprovedReads(state, unproved),
    erase: async () => {
      access.enter();
      return { goneBy: null, how: 'the store is in memory only' };
    },
    close: async () => {
      closed = true;
    },
  };
}
