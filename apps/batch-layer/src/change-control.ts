import type { ControlRow, Refusal, Transition } from '@twofold/releases';
import type { Clock } from '@twofold/service';
import { StoreError, type ControlRows } from '@twofold/view-store';
import { BatchError } from './errors.ts';

/**
 * What the row shows of a change whose outcome is unknown (E15): it is there; it is not there (and once the sequence
 * has moved it can not come any more); or it was there and somebody undid it: give up, delete nothing.
 */
export type Effect = 'DONE' | 'NOT_DONE' | 'UNDONE';

export interface ControlChange {
  /** The next row made from the row as it is now; null: there is nothing to do. */
  make(row: ControlRow): Transition | null;
  /**
   * Looks for the change's effect, after an unknown outcome only.
   * @param moved the sequence is no longer the one that was written to: what is not there now will never be
   */
  effect(row: ControlRow, moved: boolean): Effect;
}

export type ChangeOutcome =
  | { readonly kind: 'DONE'; readonly row: ControlRow }
  | { readonly kind: 'NOTHING'; readonly row: ControlRow }
  | { readonly kind: 'REFUSED'; readonly refusal: Refusal }
  | { readonly kind: 'UNDONE' };

const ATTEMPTS = 200;
const RETRY_MS = 5;

/** Changes the control row by one compare-and-set on its sequence, settling unknown outcomes by effect (E15). */
export async function changeControl(
  control: ControlRows,
  clock: Clock,
  change: ControlChange,
  signal?: AbortSignal,
): Promise<ChangeOutcome> {
  // Sequence of a write whose outcome is not known; while it stands, the write may still be applied.
  let unknownAt: number | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    signal?.throwIfAborted();
    const row = await readControl(control, clock, signal);
    if (row === null) throw new BatchError('NOT_REGISTERED', 'the project has no control row; register it first');
    if (unknownAt !== null) {
      const effect = change.effect(row, row.sequence !== unknownAt);
      if (effect === 'DONE') return { kind: 'DONE', row };
      if (effect === 'UNDONE') return { kind: 'UNDONE' };
    }
    const made = change.make(row);
    if (made === null) return { kind: 'NOTHING', row };
    if (!made.ok) return { kind: 'REFUSED', refusal: made };
    try {
      if (await control.compareAndSet(made.row)) return { kind: 'DONE', row: made.row };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'OUTCOME_UNKNOWN') unknownAt = row.sequence;
      else if (!error.retryable) throw error;
    }
    await clock.sleep(RETRY_MS * Math.min(20, attempt + 1), signal);
  }
  throw new BatchError(
    'CONTROL_BUSY',
    `the control row could not be changed in ${ATTEMPTS} attempts; somebody changes it all the time`,
    {
      retryable: true,
    },
  );
}

/** Reads the control row, again while the store is only passing-by unavailable. */
export async function readControl(
  control: ControlRows,
  clock: Clock,
  signal?: AbortSignal,
): Promise<ControlRow | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await control.read(signal);
    } catch (error) {
      if (!(error instanceof StoreError) || !error.retryable || attempt >= ATTEMPTS) throw error;
    }
    await clock.sleep(RETRY_MS * Math.min(20, attempt), signal);
  }
}
