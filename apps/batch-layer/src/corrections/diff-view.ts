import type { ChangeCause, ViewDiff } from '@twofold/corrections';
import type { BuildIndex, PartEntry, Parts } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { DiffSum } from './diff-sum.ts';
import { rowsOf, type OnChange } from './pane-rows.ts';

/** What is compared with what, and why it may differ. */
export interface DiffTask {
  readonly view: View;
  /** The view as it was when the build before was made; null: its declaration is not known any more. */
  readonly beforeView: View | null;
  readonly before: BuildIndex | null;
  readonly after: BuildIndex | null;
  readonly cause: ChangeCause;
  /** Only windows that end at or before it, milliseconds; null: all. */
  readonly settledBy: number | null;
  /** What ends at or before it has expired in the build after, which is no change; null: nothing has. */
  readonly expiredBy: number | null;
}

/** Compares two builds of a view, in the panes of its finest level; parts that they share are equal and not read. */
export async function diffView(
  { view, beforeView, before, after, cause, settledBy, expiredBy }: DiffTask,
  parts: Pick<Parts, 'chunk'>,
  signal: AbortSignal,
  onChange: OnChange = () => undefined,
): Promise<ViewDiff> {
  const incomparable = otherShape(beforeView, view);
  const sum = new DiffSum(view, cause, incomparable, onChange);
  const paneMs = view.levels[0]?.widthMs ?? 1;
  const finest = (index: BuildIndex | null): Map<number, PartEntry> =>
    new Map((index?.parts ?? []).filter(({ widthMs }) => widthMs === paneMs).map((part) => [part.from, part]));
  const [old, now] = [finest(before), finest(after)];
  const starts = incomparable === null ? [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b) : [];
  for (const from of starts) {
    signal.throwIfAborted();
    const [left, right] = [old.get(from) ?? null, now.get(from) ?? null];
    const to = (right ?? left)?.to ?? from;
    if ((settledBy !== null && from >= settledBy) || (right === null && to <= (expiredBy ?? -Infinity))) continue;
    if (left !== null && right !== null && isSame(left, right, beforeView === view)) continue;
    const rowsBefore = await rowsOf(beforeView ?? view, left, parts, settledBy);
    sum.add(rowsBefore, await rowsOf(view, right, parts, settledBy), { from, to });
  }
  return sum.result();
}

function isSame(left: PartEntry, right: PartEntry, oneView: boolean): boolean {
  return left.part === right.part || (oneView && left.sha256 === right.sha256);
}

/** Why rows of two declarations of a view can not be told to be the same row; null: they can. */
function otherShape(before: View | null, after: View): string | null {
  if (before === after) return null;
  if (before === null) return 'the declaration of the version before was not kept';
  const keyOf = ({ dimensions }: View): string =>
    dimensions.map(({ name, expr }) => `${name} ${expr.type.kind}`).join(', ');
  if (keyOf(before) !== keyOf(after)) return `their keys were (${keyOf(before)}) and are (${keyOf(after)})`;
  const paneOf = ({ window, levels }: View): string =>
    `${window.kind === 'session' ? 'sessions' : 'panes'} of ${levels[0]?.widthMs ?? 1} ms`;
  return paneOf(before) === paneOf(after) ? null : `they were of ${paneOf(before)} and are of ${paneOf(after)}`;
}
