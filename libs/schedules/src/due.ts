import type { CronTable } from './cron-table.ts';
import type { Asked, JobRow } from './job-row.ts';
import type { PassedOver } from './run-record.ts';
import type { Schedule } from './schedule.ts';
import { isSettled, settledBefore } from './slot-ranges.ts';
import { latestSlot, nextSlot, slotsBetween } from './slots.ts';

/** A schedule with its table. */
export interface Timetable {
  readonly schedule: Schedule;
  readonly table: CronTable;
}

export interface DueSlot {
  readonly slot: number;
  /** From 1. */
  readonly attempt: number;
  readonly passedOver: readonly PassedOver[];
}

/** What a scheduler knows of time. Wall clocks may jump; that moves what is due, never what is settled. */
export interface Looking {
  /** Wall clock, milliseconds. */
  readonly now: number;
  /** Since when this scheduler has been there, on the same clock. */
  readonly upSince: number;
}

/** How late a slot may be seen by a scheduler that starts, and not count as missed. */
const GRACE_MS = 60_000;

/** The slot that is to be run now; null: none is, the job is held by somebody, or it is paused. */
export function dueSlot(row: JobRow, { schedule, table }: Timetable, looking: Looking): DueSlot | null {
  if (row.paused !== null || row.holder !== null) return null;
  const newest = latestSlot(table, looking.now);
  if (newest === null) return null;
  const slot = schedule.missed === 'all' ? oldestOpen(row, schedule, table, newest) : newest;
  if (slot === null || isSettled(row.settled, slot)) return null;
  const tried = row.trying?.slot === slot ? row.trying.attempts : 0;
  if (schedule.missed === 'none' && tried === 0 && row.queued !== slot && isMissed(row, slot, looking)) return null;
  return { slot, attempt: tried + 1, passedOver: passedOver(row, slot, table) };
}

/** Old work that is to be done now, when no slot is due; null: none. */
export function dueAsked(row: JobRow, { now }: Pick<Looking, 'now'>): Asked | null {
  if (row.paused !== null || row.holder !== null) return null;
  return row.asked.find((asked) => asked.kind === 'RETRY' || isRested(row, asked.restMs, now)) ?? null;
}

/** Nobody was there when it came due, or the job was paused. */
function isMissed(row: JobRow, slot: number, { upSince }: Looking): boolean {
  return slot < Math.max(upSince - GRACE_MS, row.resumedAt ?? -Infinity);
}

/** Of the newest slots that may be caught up, the oldest that is not settled. */
function oldestOpen(row: JobRow, { missedAtMost }: Schedule, table: CronTable, newest: number): number | null {
  const oldest = openFrom(row, table, -Infinity, newest);
  if (oldest === null || oldest === newest || slotsBetween(table, oldest, newest, missedAtMost) + 2 <= missedAtMost)
    return oldest;
  let allowed = newest;
  for (let i = 1; i < missedAtMost; i++) allowed = latestSlot(table, allowed - 1) ?? allowed;
  return openFrom(row, table, allowed, newest);
}

/** The oldest slot from `from` to `newest` that is not settled. Nothing is known of slots before the first settled one. */
function openFrom(row: JobRow, table: CronTable, from: number, newest: number): number | null {
  if (row.settled.length === 0) return Math.max(from, newest);
  if (from !== -Infinity && !isSettled(row.settled, from)) return from;
  // Ranges are in order, and an open slot follows one.
  for (const { to } of row.settled) {
    const open = nextSlot(table, Math.max(to, from));
    if (open !== null && open <= newest && !isSettled(row.settled, open)) return open;
  }
  return null;
}

function passedOver(row: JobRow, slot: number, table: CronTable): PassedOver[] {
  const tried = row.trying !== null && row.trying.slot < slot ? row.trying.slot : null;
  const before = Math.max(settledBefore(row.settled, slot) ?? -Infinity, tried ?? -Infinity);
  const from = before === -Infinity ? null : nextSlot(table, before);
  const to = latestSlot(table, slot - 1);
  if (from === null || to === null || from > to) return [];
  const slots = slotsBetween(table, before, slot);
  return [{ slots, from, to, why: row.queued === slot ? 'OVERLAP' : 'MISSED' }];
}

/** A clock that went back makes nobody wait. */
function isRested(row: JobRow, restMs: number, now: number): boolean {
  const ended = row.last?.endedAt ?? -Infinity;
  return now < ended || now >= ended + restMs;
}
