import { ChunkError } from './chunk-error.ts';
import { calendarOf, longestMs, type Calendar } from './zones/calendar.ts';
import type { CalendarWindow, Level, Window } from './view.ts';

/** The windows of a calendar window. Throws `WINDOW_NOT_EXPRESSIBLE` where there is no such zone. */
export function calendarOfWindow({ grain, zone }: CalendarWindow): Calendar {
  const calendar = calendarOf(grain, zone);
  if (calendar !== null) return calendar;
  throw new ChunkError('WINDOW_NOT_EXPRESSIBLE', `There is no time zone '${zone}'.`, { facts: { zone } });
}

/** Can windows be summed from panes of a width? Sessions are summed of intervals, which the one level holds. */
export function isExpressible(window: Window, widthMs: number): boolean {
  if (window.kind === 'session') return true;
  if (window.kind === 'calendar') return calendarOfWindow(window).widestPaneMs % widthMs === 0;
  const { sizeMs, everyMs } = window;
  return sizeMs > 0 && everyMs > 0 && sizeMs % widthMs === 0 && everyMs % widthMs === 0;
}

/** The coarsest level that windows can be summed from (decisions: levels); null: none is. */
export function levelFor(levels: readonly Level[], window: Window): Level | null {
  return levels.findLast(({ widthMs }) => isExpressible(window, widthMs)) ?? null;
}

/** A window that an event opens ends so long after the event at the most; of a session: as long as no other follows. */
export function longestWindowMs(window: Window): number {
  if (window.kind === 'session') return window.gapMs;
  return window.kind === 'calendar' ? longestMs[window.grain] : window.sizeMs;
}

/**
 * How wide the panes of a level are in chunks. Those of sessions are intervals that begin at any millisecond; the
 * level's width is that of the buckets which no interval leaves (E25).
 */
export function paneWidth(view: { readonly window: Window }, levelMs: number): number {
  return view.window.kind === 'session' ? 1 : levelMs;
}

/** For people: `sliding 1m every 1s`, `calendar day in Europe/Berlin`, `session 30m`. */
export function windowText(window: Window): string {
  if (window.kind === 'session') return `session ${durationText(window.gapMs)}`;
  if (window.kind === 'calendar') return `calendar ${window.grain} in ${window.zone}`;
  const { kind, sizeMs, everyMs } = window;
  const size = `${kind} ${durationText(sizeMs)}`;
  return sizeMs === everyMs ? size : `${size} every ${durationText(everyMs)}`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A length of time as declarations write it: the largest unit that it is a whole number of. */
export function durationText(ms: number): string {
  const [unit, length] = units.find(([, each]) => ms > 0 && ms % each === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}
