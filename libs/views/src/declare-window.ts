import type { Duration } from '@twofold/schemas';
import type { CalendarGrain } from './zones/calendar.ts';

/** A window under declaration: durations as they were written. */
export type WindowDraft =
  | { readonly kind: 'tumbling' | 'sliding'; readonly size: Duration; readonly every: Duration }
  | { readonly kind: 'calendar'; readonly grain: CalendarGrain; readonly zone: string }
  | { readonly kind: 'session'; readonly gap: Duration };

/** Windows side by side: each event is in one. They start at multiples of their size since 1970. */
export function tumbling(size: Duration): WindowDraft {
  return { kind: 'tumbling', size, every: size };
}

/** A window of this size that ends at every multiple of `every` since 1970: each event is in size ÷ every of them. */
export function sliding(size: Duration, options: { readonly every: Duration }): WindowDraft {
  return { kind: 'sliding', size, every: options.every };
}

/**
 * Windows as a calendar has them: hours, days, weeks (from Monday), months, quarters or years, in a time zone by its
 * IANA name, in UTC unless told. A day has 23 or 25 hours where clocks are moved.
 */
export function calendar(grain: CalendarGrain, options: { readonly zone?: string } = {}): WindowDraft {
  return { kind: 'calendar', grain, zone: options.zone ?? 'UTC' };
}

/**
 * Runs of events of one key: two events are in one session when they are at most the gap apart. A session's window is
 * from its first event to a millisecond after its last one.
 */
export function session(gap: Duration): WindowDraft {
  return { kind: 'session', gap };
}
