import type { Columns } from '@twofold/schemas';
import type { CommonReads } from './common-reads.ts';
import type { GroupIds } from './group-ids.ts';
import { grown } from './grown.ts';
import { internRow } from './intern-row.ts';
import { paneOf } from './pane-of.ts';
import type { PartialTable } from './partial-table.ts';
import { SessionSlots } from './session-slots.ts';
import type { View } from './view.ts';

/** Groups beyond which what is known of them does not stay in the first cache. */
const fewGroups = 1 << 12;

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
  /**
   * At twice a group's id + 1: the slot that its last row went into, and behind it its key's id, both + 1; 0 is unknown.
   * They stand together, since a group that has no slot yet asks for its key next.
   */
  private known = new Int32Array(128);
  /** The pane of the row before: `[pane, paneEnd)`. */
  private pane = NaN;
  private paneEnd = NaN;
  /** Kept for nobody: see `fetch`. */
  protected fetched = 0;

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
    if (this.groups.size > fewGroups) this.fetched = this.fetch(rows);
    if (sessions === null) this.findPanes(columns, rows, slots);
    else this.findSessions(sessions, columns, rows, slots);
  }

  /** To be called before the table's slots are emptied. */
  forgetSlots(): void {
    this.touched.fill(0, 0, this.table.rows);
    for (let at = 0; at < this.known.length; at += 2) this.known[at] = 0;
  }

  /** The table's keys have other ids now. */
  forgetKeys(): void {
    this.known.fill(0);
  }

  private findPanes(columns: Columns, rows: Int32Array, slots: Int32Array): void {
    const { table, known, touched, widthMs } = this;
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
      const at = ((ofRow[row] ?? -1) + 1) * 2;
      let slot = (known[at] ?? 0) - 1;
      if (slot < 0 || panes[slot] !== pane) {
        slot = table.slotOf(this.keyOf(columns, row, at), pane);
        known[at] = slot + 1;
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
      const key = this.keyOf(columns, row, ((ofRow[row] ?? -1) + 1) * 2);
      const slot = sessions.slotOf(key, (columns.eventTimes[row] ?? 0) + 0);
      slots[i] = slot;
      touched[slot] = 1;
    }
  }

  /**
   * Reads what is known of the rows' groups and does nothing with it: memory fetches many at once, where finding the slots
   * would wait for each before it can tell whether there is one. Returns the sum, so that the reads are not left out.
   */
  private fetch(rows: Int32Array): number {
    const { known } = this;
    const { ofRow } = this.groups;
    let sum = 0;
    for (let i = 0; i < rows.length; i++) sum += known[((ofRow[rows[i] ?? 0] ?? -1) + 1) * 2] ?? 0;
    return sum;
  }

  /** @param at of the row's group in `known` */
  private keyOf(columns: Columns, row: number, at: number): number {
    const known = (this.known[at + 1] ?? 0) - 1;
    if (known >= 0) return known;
    const key = this.intern(columns, row);
    this.known[at + 1] = key + 1;
    return key;
  }

  private readGroups(rows: Int32Array): void {
    const { groups } = this;
    groups.read(rows);
    if (groups.generation !== this.generation) {
      this.generation = groups.generation;
      this.forgetKeys();
    }
    const needed = (groups.size + 1) * 2;
    if (needed <= this.known.length) return;
    this.known = grown(this.known, new Int32Array(Math.max(this.known.length * 2, needed)));
  }
}
