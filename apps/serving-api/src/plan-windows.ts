import {
  calendarOf,
  levelFor,
  unknownZone,
  windowText,
  type SessionWindow,
  type View,
  type Window,
} from '@twofold/views';
import { ReadError } from './errors.ts';
import type { ReadRequest, WindowPlan } from './read-request.ts';

/**
 * The windows that are asked for, the coarsest stored level that they can be summed from (decisions: levels), and the
 * panes that they are summed from. A reader of sessions may have to go further back (`readView`, E25).
 * @throws GRAIN_NOT_EXPRESSIBLE, RANGE_INVALID, ZONE_UNKNOWN
 */
export function planWindows(request: ReadRequest): WindowPlan {
  const { view, from, to } = request;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from >= to)
    throw new ReadError(
      'RANGE_INVALID',
      `timeRange: from (${iso(from)}) must be before to (${iso(to)}); windows whose end is after from and not after to are given`,
    );
  const window = askedWindow(request);
  const level = levelFor(view.levels, window);
  if (level === null) throw notExpressible(view, window);
  const { widthMs, retainMs } = level;
  const range = window.kind === 'session' ? sessionPanes(window, widthMs, from, to) : windowPanes(window, from, to);
  return { window, from, to, widthMs, retainMs, ...range };
}

function askedWindow({ view, grainMs, calendar = null }: ReadRequest): Window {
  if (view.window.kind === 'session' && (grainMs !== null || calendar !== null))
    throw new ReadError(
      'GRAIN_NOT_EXPRESSIBLE',
      `view ${view.name} is of sessions: they begin and end with their events, and have no grain. Ask without one, or make a view with panes of the same events.`,
    );
  if (calendar !== null) {
    const zone = calendarOf(calendar.grain, calendar.zone)?.zone ?? null;
    if (zone === null) throw new ReadError('ZONE_UNKNOWN', `zone: ${unknownZone(calendar.zone)}`);
    return { kind: 'calendar', ...calendar, offsets: zone.digest };
  }
  return grainMs === null ? view.window : { kind: 'tumbling', sizeMs: grainMs, everyMs: grainMs };
}

function notExpressible(view: View, window: Window): ReadError {
  const finest = view.levels[0]?.widthMs ?? 0;
  const widest = window.kind === 'calendar' ? (calendarOf(window.grain, window.zone)?.widestPaneMs ?? 0) : null;
  const mend =
    widest === null
      ? ''
      : `; panes of ${widest} ms would do, and what divides it: a level of the view's next version, or a grain and zone whose edges are multiples of ${finest} ms`;
  return new ReadError(
    'GRAIN_NOT_EXPRESSIBLE',
    `view ${view.name} can not be read in windows ${windowText(window)}: its finest stored panes are ${finest} ms wide and do not ${widest === null ? 'divide it' : 'meet their edges'}${mend}`,
  );
}

type PaneRange = Pick<WindowPlan, 'paneFrom' | 'paneBelow'>;

function windowPanes(window: Exclude<Window, SessionWindow>, from: number, to: number): PaneRange {
  if (window.kind === 'calendar') {
    const calendar = calendarOf(window.grain, window.zone);
    const paneFrom = calendar?.startOf(from) ?? from;
    return { paneFrom, paneBelow: calendar?.startOf(to) ?? to };
  }
  const { sizeMs, everyMs } = window;
  const firstEnd = Math.floor(from / everyMs) * everyMs + everyMs;
  const lastEnd = Math.floor(to / everyMs) * everyMs;
  return { paneFrom: firstEnd - sizeMs, paneBelow: lastEnd < firstEnd ? firstEnd - sizeMs : lastEnd };
}

/**
 * Sessions whose last event is in `[from, to)`: an event up to the gap after `to` may make one end later. So nothing
 * above matters, and below it is seen only in what is read whether there is more.
 */
function sessionPanes({ gapMs }: SessionWindow, widthMs: number, from: number, to: number): PaneRange {
  const bucket = (instant: number): number => Math.floor(instant / widthMs) * widthMs;
  return { paneFrom: bucket(from - gapMs), paneBelow: bucket(to + gapMs) + widthMs };
}

function iso(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}
