import type { PlantedBug } from './planted-bugs.ts';

/** Of sessions and calendars. */
export const WINDOW_BUGS: readonly PlantedBug[] = [
  {
    name: 'sessions are not read further back',
    file: 'serving-api/src/read-view.ts',
    find: `const reach = expired ? null : sessionsReachBack(summed, gapMs, plan);`,
    replace: `const reach = expired && sessionsReachBack(summed, gapMs, plan) !== null ? 0 : null;`,
  },
  {
    name: 'a session is stored in the bucket of its first event',
    file: 'views/src/session-join.ts',
    find: `first - last <= this.gapMs && this.bucketOf(first) === bucket`,
    replace: `first - last <= this.gapMs`,
  },
  {
    name: 'events just the gap apart are two sessions',
    file: 'views/src/session-ranges.ts',
    find: `(table.panes[order[at] ?? 0] ?? 0) - last <= gapMs`,
    replace: `(table.panes[order[at] ?? 0] ?? 0) - last < gapMs`,
  },
  {
    name: 'an event that joins two intervals is in one of them only',
    file: 'views/src/partial-table.ts',
    find: `    return this.joined(into, at, end);`,
    replace: `    return end;`,
  },
  {
    name: 'an interval ends with the event that came last',
    file: 'views/src/session-slots.ts',
    find: `        if (time > last) this.lasts[newest] = time;`,
    replace: `        this.lasts[newest] = time + sessions.gapMs;`,
  },
  {
    name: 'every day of a zone has the offset of 1970',
    file: 'views/src/zones/calendar.ts',
    find: `Math.max(starts[i] ?? 0, local - (offsets[i] ?? 0))`,
    replace: `Math.max(starts[i] ?? 0, local - (offsets[0] ?? 0))`,
  },
  {
    name: 'days are read from panes of the coarsest level',
    file: 'views/src/window-of.ts',
    find: `if (window.kind === 'calendar') return calendarOfWindow(window).widestPaneMs % widthMs === 0;`,
    replace: `if (window.kind === 'calendar') return true;`,
  },
];
