import { zoneNamed, type Zone } from './zone.ts';

/** What calendars count in. Weeks begin on Monday (ISO 8601). */
export const calendarGrains = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type CalendarGrain = (typeof calendarGrains)[number];

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** The longest that a window of a grain is, clocks put back and leap days included. */
export const longestMs: Readonly<Record<CalendarGrain, number>> = {
  hour: 2 * hourMs,
  day: 2 * dayMs,
  week: 8 * dayMs,
  month: 32 * dayMs,
  quarter: 93 * dayMs,
  year: 367 * dayMs,
};

/**
 * The windows of a calendar grain in a time zone: they follow one another without a gap, and each instant is in exactly
 * one. A day, week, month, quarter or year begins at the first instant at which the local clock has reached its first
 * midnight: where clocks are put forward over midnight that is the instant of the change. An hour begins whenever the
 * local clock shows a full hour, comes to one, or jumps over one. So a day has 23, 24 or 25 hours; a day that a zone
 * left out has no window.
 */
export class Calendar {
  readonly grain: CalendarGrain;
  readonly zone: Zone;
  /** The widest panes that meet every edge of every window: milliseconds. */
  readonly widestPaneMs: number;
  /** Windows looked at before, by rising start. */
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private last = 0;

  constructor(grain: CalendarGrain, zone: Zone) {
    this.grain = grain;
    this.zone = zone;
    this.widestPaneMs = widestPane(grain, zone);
  }

  /** Start of the window that an instant is in. Instants that no date has are taken for the last that has one. */
  startOf(instant: number): number {
    return this.starts[this.placeOf(dated(instant))] ?? 0;
  }

  /** End of the window that an instant is in, exclusive: the start of the next. */
  endOf(instant: number): number {
    return this.ends[this.placeOf(dated(instant))] ?? 0;
  }

  private placeOf(instant: number): number {
    const { starts, ends, last } = this;
    if ((starts[last] ?? Infinity) <= instant && instant < (ends[last] ?? -Infinity)) return last;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= instant) low = middle + 1;
      else high = middle;
    }
    const place = low - 1;
    this.last = place;
    if (place >= 0 && instant < (ends[place] ?? -Infinity)) return place;
    const [start, end] = windowAt(this.grain, this.zone, instant);
    // Whoever asks for one stretch of time after the other shall not fill the memory.
    if (starts.length >= mostKept) starts.length = ends.length = low = 0;
    starts.splice(low, 0, start);
    ends.splice(low, 0, end);
    this.last = low;
    return low;
  }
}

/** Windows of a calendar that are remembered. */
const mostKept = 4_096;

/** Two years less than dates reach. */
const mostMs = 8.64e15 - 731 * dayMs;

function dated(instant: number): number {
  return Math.min(mostMs, Math.max(-mostMs, instant));
}

const calendars = new Map<string, Calendar>();

/** The calendar of a grain in a zone; null: there is no such zone. */
export function calendarOf(grain: CalendarGrain, zoneName: string): Calendar | null {
  const name = `${grain} ${zoneName}`;
  const known = calendars.get(name);
  if (known !== undefined) return known;
  const zone = zoneNamed(zoneName);
  if (zone === null) return null;
  const made = new Calendar(grain, zone);
  calendars.set(name, made);
  return made;
}

function windowAt(grain: CalendarGrain, zone: Zone, instant: number): readonly [start: number, end: number] {
  if (grain === 'hour') return hourAt(zone, instant);
  let label = floorLocal(grain, instant + zone.offsetAt(instant));
  let start = edgeOf(zone, label);
  for (;;) {
    // Where clocks go back over midnight, the next window has begun although the old date is shown again.
    label = nextLocal(grain, label);
    const end = edgeOf(zone, label);
    if (instant < end) return [start, end];
    start = end;
  }
}

/** The first instant at which a zone's clock has reached a local time. */
function edgeOf(zone: Zone, local: number): number {
  const { starts, offsets } = zone;
  for (let i = zone.indexAt(local - 2 * dayMs); ; i++) {
    const reached = Math.max(starts[i] ?? 0, local - (offsets[i] ?? 0));
    if (i + 1 >= starts.length || reached < (starts[i + 1] ?? 0)) return reached;
  }
}

function hourAt(zone: Zone, instant: number): readonly [start: number, end: number] {
  const { starts, offsets } = zone;
  let i = zone.indexAt(instant);
  const hour = fullHour(instant, offsets[i] ?? 0);
  const change = starts[i + 1] ?? Infinity;
  const end = hour + hourMs <= change || !isHourEdge(zone, i + 1) ? hour + hourMs : change;
  let start = hour;
  while (start < (starts[i] ?? 0)) {
    const at = starts[i] ?? 0;
    if (isHourEdge(zone, i)) return [at, endOfHour(zone, instant, end)];
    i--;
    start = fullHour(at - 1, offsets[i] ?? 0);
  }
  return [start, endOfHour(zone, instant, end)];
}

/** Where the clock is moved inside an hour and shows no full one, the hour ends by the new offset. */
function endOfHour(zone: Zone, instant: number, end: number): number {
  const { starts, offsets } = zone;
  const next = zone.indexAt(instant) + 1;
  const change = starts[next] ?? Infinity;
  return change < end ? fullHour(change, offsets[next] ?? 0) + hourMs : end;
}

/** The last instant at or before another at which a clock of this offset shows a full hour. */
function fullHour(instant: number, offset: number): number {
  return Math.floor((instant + offset) / hourMs) * hourMs - offset;
}

/** Does the clock show a full hour before or after the change to offset `i`, or jump forward over one? */
function isHourEdge({ starts, offsets }: Zone, i: number): boolean {
  if (i < 1 || i >= starts.length) return false;
  const before = (starts[i] ?? 0) + (offsets[i - 1] ?? 0);
  const after = (starts[i] ?? 0) + (offsets[i] ?? 0);
  if (before % hourMs === 0 || after % hourMs === 0) return true;
  return Math.floor(after / hourMs) > Math.floor(before / hourMs);
}

/** Is the change to offset `i` the instant at which the clock first reaches a midnight? */
function isDayEdge(zone: Zone, i: number): boolean {
  const at = zone.starts[i] ?? 0;
  return i >= 1 && edgeOf(zone, Math.floor((at + (zone.offsets[i] ?? 0)) / dayMs) * dayMs) === at;
}

/** Windows begin at local full hours or midnights, or at changes of the offset that jump over one. */
function widestPane(grain: CalendarGrain, zone: Zone): number {
  const isEdge = grain === 'hour' ? isHourEdge : isDayEdge;
  let widest = grain === 'hour' ? hourMs : dayMs;
  zone.offsets.forEach((offset, i) => {
    widest = commonDivisor(widest, Math.abs(offset));
    if (isEdge(zone, i)) widest = commonDivisor(widest, Math.abs(zone.starts[i] ?? 0));
  });
  return widest;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** The local time, in milliseconds as if it were UTC, at which the window of a local time begins. */
function floorLocal(grain: CalendarGrain, local: number): number {
  const day = Math.floor(local / dayMs);
  if (grain === 'day') return day * dayMs;
  // 1970-01-01 was a Thursday.
  if (grain === 'week') return (day - ((((day + 3) % 7) + 7) % 7)) * dayMs;
  const date = new Date(day * dayMs);
  const month = date.getUTCMonth();
  const first = grain === 'year' ? 0 : grain === 'quarter' ? month - (month % 3) : month;
  return monthStart(date.getUTCFullYear(), first);
}

function nextLocal(grain: CalendarGrain, local: number): number {
  if (grain === 'day' || grain === 'week') return local + (grain === 'day' ? 1 : 7) * dayMs;
  const date = new Date(local);
  const months = grain === 'month' ? 1 : grain === 'quarter' ? 3 : 12;
  return monthStart(date.getUTCFullYear(), date.getUTCMonth() + months);
}

function monthStart(year: number, month: number): number {
  return new Date(0).setUTCFullYear(year, month, 1);
}
