import type { PartialTable } from './partial-table.ts';
import type { SessionJoin } from './session-join.ts';

/**
 * Finds the slot of an event of a session view. An event at most the gap behind the newest interval of its key goes
 * there; any other opens an interval of its own, and those that touch are joined when the partials are written. An
 * interval that was joined into another may take events again: it begins at an event of the same session all the same.
 */
export class SessionSlots {
  private readonly table: PartialTable;
  private readonly sessions: SessionJoin;
  /** The last event time of each slot. */
  private lasts = new Float64Array(0);

  constructor(table: PartialTable, sessions: SessionJoin) {
    this.table = table;
    this.sessions = sessions;
  }

  /** The table has to have room, as for `PartialTable.slotOf`. */
  slotOf(key: number, time: number): number {
    const { table, sessions } = this;
    const newest = table.newestOf(key);
    if (newest >= 0) {
      const first = table.panes[newest] ?? 0;
      const last = this.lasts[newest] ?? 0;
      const near = time >= first && time - last <= sessions.gapMs;
      if (near && sessions.bucketOf(first) === sessions.bucketOf(time)) {
        if (time > last) this.lasts[newest] = time;
        return newest;
      }
    }
    const rows = table.rows;
    const slot = table.slotOf(key, time);
    if (slot >= this.lasts.length) {
      const lasts = new Float64Array(table.panes.length);
      lasts.set(this.lasts);
      this.lasts = lasts;
    }
    if (slot === rows) this.lasts[slot] = time;
    return slot;
  }
}
