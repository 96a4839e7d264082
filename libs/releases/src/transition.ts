import type { ControlRow } from './control-row.ts';
import type { Refusal } from './errors.ts';

/** A change of the control row: the whole next row, with the sequence raised by one; or why not. */
export type Transition = { readonly ok: true; readonly row: ControlRow } | Refusal;

/** The next row: every change raises the sequence by one. */
export function next(row: ControlRow, change: Partial<ControlRow>): Transition {
  return { ok: true, row: { ...row, ...change, sequence: row.sequence + 1 } };
}
