import type { CronTable } from './cron-table.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** No expression that matches at all is silent longer than this (29 February, over a century's gap). */
const LONGEST_SILENCE_MS = 8.2 * 366 * DAY_MS;

/** The newest slot at or before `now` (milliseconds UTC); null when the table is never due. */
export function latestSlot(table: CronTable, now: number): number | null {
  let at = floorTo(now, SECOND_MS);
  for (const oldest = now - LONGEST_SILENCE_MS; at >= oldest;) {
    const grain = mismatch(table, at);
    if (grain === 0) return at;
    at = floorTo(at, grain) - SECOND_MS;
  }
  return null;
}

/** The first slot after `after`; null when the table is never due. */
export function nextSlot(table: CronTable, after: number): number | null {
  let at = floorTo(after, SECOND_MS) + SECOND_MS;
  for (const newest = after + LONGEST_SILENCE_MS; at <= newest;) {
    const grain = mismatch(table, at);
    if (grain === 0) return at;
    at = floorTo(at, grain) + grain;
  }
  return null;
}

/** How many slots lie between, both ends excluded; `atMost` when there are more. */
export function slotsBetween(table: CronTable, after: number, before: number, atMost = 100_000): number {
  let count = 0;
  for (let at = nextSlot(table, after); at !== null && at < before && count < atMost; at = nextSlot(table, at)) count++;
  return count;
}

/** 0: it is a slot. Else the length of the day, hour, minute or second around it in which none lies. */
function mismatch(table: CronTable, at: number): number {
  // The hour first: it needs no calendar, and most hours are none of a sparse table's.
  if (!table.hours.has(unitOf(at, HOUR_MS, 24))) return HOUR_MS;
  const date = new Date(at);
  if (!table.months.has(date.getUTCMonth() + 1) || !dayMatches(table, date)) return DAY_MS;
  if (!table.minutes.has(unitOf(at, MINUTE_MS, 60))) return MINUTE_MS;
  return table.seconds.has(unitOf(at, SECOND_MS, 60)) ? 0 : SECOND_MS;
}

function dayMatches(table: CronTable, date: Date): boolean {
  const day = table.days.has(date.getUTCDate());
  const weekday = table.weekdays.has(date.getUTCDay());
  return table.eitherDay ? day || weekday : day && weekday;
}

/** Of the unit's cycle, also before 1970. */
function unitOf(at: number, unitMs: number, cycle: number): number {
  return ((Math.floor(at / unitMs) % cycle) + cycle) % cycle;
}

function floorTo(value: number, grain: number): number {
  return Math.floor(value / grain) * grain;
}
