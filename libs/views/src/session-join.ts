import type { PartialTable } from './partial-table.ts';
import { CountState } from './count-state.ts';
import { ExtremeState } from './extreme-state.ts';
import type { View } from './view.ts';

/**
 * What a session view's partials are: intervals of event time, each with its first instant as pane and its last as the
 * component `lastTime`. Two of a key are one when they are in the same bucket (a multiple of the level's width, E25)
 * and at most the gap apart. So a key's intervals follow from the set of its events alone, and joining them is a sum.
 */
export class SessionJoin {
  readonly gapMs: number;
  readonly bucketMs: number;

  constructor(gapMs: number, bucketMs: number) {
    this.gapMs = gapMs;
    this.bucketMs = bucketMs;
  }

  bucketOf(instant: number): number {
    return Math.floor(instant / this.bucketMs);
  }

  /**
   * Joins the intervals in `slots[from, to)`, which are one key's and stand by rising pane: each into the first that it
   * touches, where it is added and emptied. What is left stands in `slots[from, result)`.
   */
  join(table: PartialTable, slots: Int32Array, from: number, to: number): number {
    let end = from;
    let last = -Infinity;
    let bucket = NaN;
    for (let i = from; i < to; i++) {
      const slot = slots[i] ?? 0;
      if (isEmpty(table, slot)) continue;
      const first = table.panes[slot] ?? 0;
      const until = lastTimeOf(table, slot);
      if (first - last <= this.gapMs && this.bucketOf(first) === bucket) {
        table.absorb(slots[end - 1] ?? 0, slot);
        last = Math.max(last, until);
      } else {
        slots[end++] = slot;
        last = until;
        bucket = this.bucketOf(first);
      }
    }
    return end;
  }
}

/** Null: the view has no sessions. */
export function sessionJoinOf({ window, levels }: Pick<View, 'window' | 'levels'>): SessionJoin | null {
  return window.kind === 'session' ? new SessionJoin(window.gapMs, levels[0]?.widthMs ?? 1) : null;
}

/** Where `componentsOf` puts `rows` and the last event time of a session. */
const rowsAt = 0;
const lastTimeAt = 1;

/** The last event time of an interval. */
export function lastTimeOf(table: PartialTable, slot: number): number {
  const state = table.states[lastTimeAt];
  return state instanceof ExtremeState ? state.value(slot) : NaN;
}

function isEmpty(table: PartialTable, slot: number): boolean {
  const state = table.states[rowsAt];
  return state instanceof CountState && state.value(slot) === 0;
}
