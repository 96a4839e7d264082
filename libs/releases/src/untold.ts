import type { ControlRow, Untold } from './control-row.ts';
import { next, type Transition } from './transition.ts';

/** Releases that wait to be told of. More are not kept, so that a row that is read by every request stays small. */
const MOST = 200;

/** The row's list with one more. */
export function untoldWith(row: ControlRow, one: Untold): Pick<ControlRow, 'untold'> {
  const all = [...(row.untold ?? []), one];
  const [oldest, second, ...rest] = all;
  if (all.length <= MOST || oldest === undefined || second === undefined) return { untold: all };
  return { untold: [{ ...second, skipped: (oldest.skipped ?? 0) + (second.skipped ?? 0) + 1 }, ...rest] };
}

/** A release was told of. Null: that is known already. */
export function markTold(row: ControlRow, release: string): Transition | null {
  const untold = row.untold ?? [];
  if (!untold.some((each) => each.release === release)) return null;
  return next(row, { untold: untold.filter((each) => each.release !== release) });
}
