import type { Columns } from '@twofold/schemas';
import type { CommonReads } from './common-reads.ts';
import type { GroupIds } from './group-ids.ts';
import { internRow } from './intern-row.ts';
import { paneOf } from './pane-of.ts';
import type { PartialTable } from './partial-table.ts';
import { SessionSlots } from './session-slots.ts';
import type { View } from './view.ts';

/**
 * Finds the slots of a view's rows, and notes which slots they went into. The slot that a group's last row went into is
 * looked at first: rows mostly come in the order of their panes, and then nothing is looked up.
 */
export class SlotFinder {
  /** By slot: 1 when a row went into it since that was last forgotten. */
  touched = new Uint8Array(0);
  private readonly widthMs: number;
  private readonly table: PartialTable;
  /** Null: the view has no sessions. */
  private readonly sessions: SessionSlots | null;
  private readonly groups: GroupIds;
  private readonly intern: (columns: Columns, row: number) => number;
  private generation = 0;
  /** Key's id + 1 by a group's id + 1; 0 is unknown. */
  private keys = new Int32Array(64);
  /** The same of the slot that the group's last row went into. */
  private lasts = new Int32Array(64);
  /** The pane of the row before: `[pane, paneEnd)`. */
  private pane = NaN;
  private paneEnd = NaN;

  constructor(view: View, table: PartialTable, reads: CommonReads) {
    this.widthMs = view.levels[0]?.widthMs ?? 1;
    this.table = table;
    this.sessions = table.sessions === null ? null : new SessionSlots(table, table.sessions);
    this.groups = reads.groupsOf(view.dimensions);
    this.intern = internRow(view.dimensions, view.stream, table.keys);
  }

  /** The slot of each of the rows into `slots`. */
  find(columns: Columns, rows: Int32Array, slots: Int32Array): void {
    const { table, sessions } = this;
    this.readGroups(rows);
    table.reserve(rows.length);
    if (this.touched.length < table.panes.length) {
      const touched = new Uint8Array(table.panes.length);
      touched.set(this.touched);
      this.touched = touched;
    }
    if (sessions === null) this.findPanes(columns, rows, slots);
    else this.findSessions(sessions, columns, rows, slots);
  }

  /** To be called before the table's slots are emptied. */
  forgetSlots(): void {
    this.touched.fill(0, 0, this.table.rows);
    this.lasts.fill(0);
  }

  /** The table's keys have other ids now. */
  forgetKeys(): void {
    this.keys.fill(0);
    this.lasts.fill(0);
  }

  private findPanes(columns: Columns, rows: Int32Array, slots: Int32Array): void {
    const { table, lasts, touched, widthMs } = this;
    const { panes } = table;
    const { ofRow } = this.groups;
    const { eventTimes } = columns;
    let { pane, paneEnd } = this;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      const time = eventTimes[row] ?? 0;
      if (!(time >= pane && time < paneEnd)) {
        pane = paneOf(time, widthMs);
        paneEnd = pane + widthMs;
      }
      const group = (ofRow[row] ?? -1) + 1;
      let slot = (lasts[group] ?? 0) - 1;
      if (slot < 0 || panes[slot] !== pane) {
        slot = table.slotOf(this.keyOf(columns, row, group), pane);
        lasts[group] = slot + 1;
      }
      slots[i] = slot;
      touched[slot] = 1;
    }
    this.pane = pane;
    this.paneEnd = paneEnd;
  }

  private findSessions(sessions: SessionSlots, columns: Columns, rows: Int32Array, slots: Int32Array): void {
    const { touched } = this;
    const { ofRow } = this.groups;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      const key = this.keyOf(columns, row, (ofRow[row] ?? -1) + 1);
      const slot = sessions.slotOf(key, (columns.eventTimes[row] ?? 0) + 0);
      slots[i] = slot;
      touched[slot] = 1;
    }
  }

  private keyOf(columns: Columns, row: number, group: number): number {
    const known = (this.keys[group] ?? 0) - 1;
    if (known >= 0) return known;
    const key = this.intern(columns, row);
    this.keys[group] = key + 1;
    return key;
  }

  private readGroups(rows: Int32Array): void {
    const { groups } = this;
    groups.read(rows);
    if (groups.generation !== this.generation) {
      this.generation = groups.generation;
      this.forgetKeys();
    }
    if (groups.size < this.keys.length) return;
    const length = Math.max(this.keys.length * 2, groups.size + 1);
    this.keys = grown(this.keys, length);
    this.lasts = grown(this.lasts, length);
  }
}

function grown(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const into = new Int32Array(length);
  into.set(from);
  return into;
}
