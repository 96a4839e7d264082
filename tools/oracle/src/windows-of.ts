import type { View, Window } from '@twofold/views';
import type { OracleEvent } from './read-event.ts';
import { calendarWindow } from './calendar-window.ts';

/** Milliseconds, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The windows that each of some events of one key is in, in the order of the events. Sessions are made of the times
 * sorted; everything else is a question to one time alone.
 */
export function windowsOf(window: Window, events: readonly OracleEvent[]): (readonly Span[])[] {
  if (window.kind === 'session') return sessionsOf(window.gapMs, events);
  return events.map(({ timeMs }) => {
    if (window.kind === 'calendar') return [calendarWindow(window.grain, window.zone, timeMs)];
    const { sizeMs, everyMs } = window;
    const spans: Span[] = [];
    for (let end = (Math.floor(timeMs / everyMs) + 1) * everyMs; end <= timeMs + sizeMs; end += everyMs)
      spans.push({ start: end - sizeMs, end });
    return spans;
  });
}

/** A session ends a millisecond after its last event. */
function sessionsOf(gapMs: number, events: readonly OracleEvent[]): Span[][] {
  const times = events.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
  const spans: Span[] = [];
  for (const time of times) {
    const last = spans.at(-1);
    if (last !== undefined && time - (last.end - 1) <= gapMs) spans[spans.length - 1] = { ...last, end: time + 1 };
    else spans.push({ start: time, end: time + 1 });
  }
  const spanAt = (time: number): Span[] => spans.filter(({ start, end }) => start <= time && time < end);
  const known = new Map<number, Span[]>();
  return events.map(({ timeMs }) => {
    const spans = known.get(timeMs) ?? spanAt(timeMs);
    known.set(timeMs, spans);
    return spans;
  });
}

/** The windows that are asked for: the view's, or tumbling ones, or those of a calendar. */
export function askedWindow(
  view: View,
  { grainMs, calendar }: { readonly grainMs?: number; readonly calendar?: CalendarQuestion },
): Window {
  if (calendar !== undefined) return { kind: 'calendar', ...calendar, offsets: '' };
  return grainMs === undefined ? view.window : { kind: 'tumbling', sizeMs: grainMs, everyMs: grainMs };
}

export type CalendarQuestion = Pick<Extract<Window, { readonly kind: 'calendar' }>, 'grain' | 'zone'>;
