import type { Columns } from '@twofold/schemas';
import type { CommonReads } from './common-reads.ts';
import type { EventTimes } from './event-times.ts';
import type { GroupIds } from './group-ids.ts';
import { grown } from './grown.ts';
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
  /** By slot below `fresh`: 1 when a row went into it since `takeTouched`. */
  private touched = new Uint8Array(0);
  /** Slots from this one on are newer than the last `takeTouched`. */
  private fresh = 0;
  private readonly widthMs: number;
  private readonly table: PartialTable;
  /** Null: the view has no sessions. */
  private readonly sessions: SessionSlots | null;
  private readonly times: EventTimes;
  private readonly groups: GroupIds;
  private readonly intern: (columns: Columns, row: number) => number;
  private generation = 0;
  /**
   * At twice a group's id + 1: the slot that its last row went into, and behind it its key's id, both + 1; 0 is unknown.
   * They stand together, since a group that has no slot yet asks for its key next.
   */
  private known = new Int32Array(128);
  /** No slot is of a group whose last slot is unknown: so it is for as long as the groups' ids have stayed what they were. */
  private knowsAll = true;
  /** The pane of the row before: `[pane, paneEnd)`. */
  private pane = NaN;
  private paneEnd = NaN;
  /** Slots from this one on are of `settledPane`; NaN: of nobody knows which. */
  private settled = 0;
  private settledPane = NaN;

  constructor(view: View, table: PartialTable, reads: CommonReads) {
    this.widthMs = view.levels[0]?.widthMs ?? 1;
    this.table = table;
    this.sessions = table.sessions === null ? null : new SessionSlots(table, table.sessions);
    this.times = reads.times;
    this.groups = reads.groupsOf(view.dimensions);
    this.intern = internRow(view.dimensions, view.stream, table.keys);
  }

  /** The slot of each of the rows, which rise, into `slots`. */
  find(columns: Columns, rows: Int32Array, slots: Int32Array): void {
    this.readGroups(rows);
    if (this.sessions !== null) this.findSessions(this.sessions, columns, rows, slots);
    else if (this.areOfOnePane(rows)) this.findInPane(columns, rows, slots);
    else this.findPanes(columns, rows, slots);
  }

  /** Calls with each slot that a row went into since the last call. */
  takeTouched(take: (slot: number) => void): void {
    const { touched, fresh } = this;
    const { rows } = this.table;
    for (let slot = 0; slot < fresh; slot++) {
      if (touched[slot] === 1) take(slot);
    }
    for (let slot = fresh; slot < rows; slot++) take(slot);
    touched.fill(0, 0, fresh);
    this.fresh = rows;
  }

  /** To be called before the table's slots are emptied. */
  forgetSlots(): void {
    this.touched.fill(0, 0, this.fresh);
    this.fresh = 0;
    for (let at = 0; at < this.known.length; at += 2) this.known[at] = 0;
    this.knowsAll = true;
    this.settledPane = NaN;
  }

  /** The table's keys, or the groups, have other ids now. */
  forgetKeys(): void {
    this.known.fill(0);
    this.knowsAll = this.table.rows === 0;
  }

  /** Are all of these rows of one pane? It is that of the row before then. */
  private areOfOnePane(rows: Int32Array): boolean {
    const { earliest, latest } = this.times.boundsOf(rows[0] ?? 0, rows[rows.length - 1] ?? 0);
    if (earliest >= this.pane && latest < this.paneEnd) return true;
    const pane = paneOf(earliest, this.widthMs);
    if (!(latest < pane + this.widthMs)) return false;
    this.pane = pane;
    this.paneEnd = pane + this.widthMs;
    return true;
  }

  /**
   * Reads the last slots of all groups before it looks at any: memory fetches many at once, where each row would wait for
   * its own.
   */
  private findInPane(columns: Columns, rows: Int32Array, slots: Int32Array): void {
    const { table, known, touched, pane } = this.withRoom(rows.length);
    const { panes, index } = table;
    const { ofRow } = this.groups;
    if (this.settledPane !== pane) {
      this.settledPane = pane;
      this.settled = table.rows;
    }
    const { settled, knowsAll, fresh } = this;
    for (let i = 0; i < rows.length; i++) slots[i] = (known[((ofRow[rows[i] ?? 0] ?? -1) + 1) << 1] ?? 0) - 1;
    for (let i = 0; i < rows.length; i++) {
      let slot = slots[i] ?? 0;
      if (slot < 0 || slot < settled) {
        const row = rows[i] ?? 0;
        const at = ((ofRow[row] ?? -1) + 1) << 1;
        // A row of this block may have opened it.
        slot = (known[at] ?? 0) - 1;
        if (slot < 0 || panes[slot] !== pane) {
          const key = this.keyOf(columns, row, at);
          slot = (slot < 0 && knowsAll ? index.openFirst(key, pane) : table.slotOf(key, pane)) | 0;
          known[at] = slot + 1;
        }
        slots[i] = slot;
      }
      if (slot < fresh) touched[slot] = 1;
    }
  }

  private findPanes(columns: Columns, rows: Int32Array, slots: Int32Array): void {
    const { table, known, touched, fresh, widthMs } = this.withRoom(rows.length);
    const { panes } = table;
    const { ofRow } = this.groups;
    const { eventTimes } = columns;
    let { pane, paneEnd } = this;
    this.settledPane = NaN;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      const time = eventTimes[row] ?? 0;
      if (!(time >= pane && time < paneEnd)) {
        pane = paneOf(time, widthMs);
        paneEnd = pane + widthMs;
      }
      const at = ((ofRow[row] ?? -1) + 1) << 1;
      let slot = (known[at] ?? 0) - 1;
      if (slot < 0 || panes[slot] !== pane) {
        slot = table.slotOf(this.keyOf(columns, row, at), pane);
        known[at] = slot + 1;
      }
      slots[i] = slot;
      if (slot < fresh) touched[slot] = 1;
    }
    this.pane = pane;
    this.paneEnd = paneEnd;
  }

  private findSessions(sessions: SessionSlots, columns: Columns, rows: Int32Array, slots: Int32Array): void {
    const { touched, fresh } = this.withRoom(rows.length);
    const { ofRow } = this.groups;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      const key = this.keyOf(columns, row, ((ofRow[row] ?? -1) + 1) << 1);
      const slot = sessions.slotOf(key, (columns.eventTimes[row] ?? 0) + 0);
      slots[i] = slot;
      if (slot < fresh) touched[slot] = 1;
    }
  }

  /** Itself, with room for so many slots more. */
  private withRoom(more: number): this {
    const { table } = this;
    table.reserve(more);
    if (this.touched.length < table.panes.length)
      this.touched = grown(this.touched, new Uint8Array(table.panes.length));
    return this;
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
