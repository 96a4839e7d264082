import type { CalendarQuestion, Span } from './windows-of.ts';

/*
 * Calendars as the runtime knows them, by asking it what a clock shows: nothing of the product's own tables. Good for
 * zones that never put clocks back over midnight, and hours that are not cut short (`calendar.ts` has those too).
 */

type Grain = CalendarQuestion['grain'];

const hourMs = 3_600_000;
const dayMs = 86_400_000;
const known = new Map<string, Span>();

/** The window of a calendar that an instant is in. */
export function calendarWindow(grain: Grain, zone: string, instant: number): Span {
  const clock = clockIn(zone);
  const local = clock(instant);
  if (grain === 'hour') {
    const start = instant - (((local % hourMs) + hourMs) % hourMs);
    return { start, end: start + hourMs };
  }
  const from = labelOf(grain, local, 0);
  const name = `${grain} ${zone} ${from}`;
  const found = known.get(name) ?? { start: firstAt(clock, from), end: firstAt(clock, labelOf(grain, local, 1)) };
  known.set(name, found);
  return found;
}

/** The widest panes that meet every edge of a grain since 1970, from what clocks show at the start of each month. */
export function widestPane(grain: Grain, zone: string): number {
  const name = `${grain} ${zone}`;
  const there = widest.get(name);
  if (there !== undefined) return there;
  const clock = clockIn(zone);
  let width = grain === 'hour' ? hourMs : dayMs;
  for (let month = 0; month < 12 * 80; month++) {
    const instant = Date.UTC(1970, month, 1);
    for (let rest = Math.abs(clock(instant) - instant); rest > 0;) [width, rest] = [rest, width % rest];
  }
  widest.set(name, width);
  return width;
}

const widest = new Map<string, number>();

/** What a clock shows at an instant, as milliseconds since its own 1970. */
function clockIn(timeZone: string): (instant: number) => number {
  const there = clocks.get(timeZone);
  if (there !== undefined) return there;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const clock = (instant: number): number => {
    const whole = Math.floor(instant / 1000) * 1000;
    const part = new Map(format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 1, day = 1] = [part.get('year'), part.get('month'), part.get('day')];
    const time = Date.UTC(year, month - 1, day, part.get('hour'), part.get('minute'), part.get('second'));
    return time + instant - whole;
  };
  clocks.set(timeZone, clock);
  return clock;
}

const clocks = new Map<string, (instant: number) => number>();

/** The first local time of the window that a local time is in, or of the next one. */
function labelOf(grain: Exclude<Grain, 'hour'>, local: number, next: 0 | 1): number {
  const date = new Date(local);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (grain) {
    case 'day':
      return Date.UTC(year, month, day + next);
    case 'week':
      return Date.UTC(year, month, day - ((date.getUTCDay() + 6) % 7) + 7 * next);
    case 'month':
      return Date.UTC(year, month + next, 1);
    case 'quarter':
      return Date.UTC(year, month - (month % 3) + 3 * next, 1);
    case 'year':
      return Date.UTC(year + next, 0, 1);
  }
}

/** The first instant at which a clock shows a local time or a later one: whole seconds. */
function firstAt(clock: (instant: number) => number, local: number): number {
  let [low, high] = [local - 2 * dayMs, local + 2 * dayMs];
  while (high - low > 1000) {
    const middle = low + Math.round((high - low) / 2000) * 1000;
    if (clock(middle) >= local) high = middle;
    else low = middle;
  }
  return high;
}
