import type { Event } from './plant.ts';

/** A plain sum over a log, window by window, that knows nothing of panes, slices and cuts. */
export function naive(events: readonly Event[], sizeMs: number, everyMs: number, from: number, to: number) {
  const rows = new Map<string, { sensor: string; windowEnd: number; events: number; total: number }>();
  for (const { sensor, atMs, value } of events)
    for (let end = Math.floor(atMs / everyMs) * everyMs + everyMs; end - sizeMs <= atMs; end += everyMs) {
      if (end <= from || end > to) continue;
      const row = rows.get(`${sensor}|${end}`) ?? { sensor, windowEnd: end, events: 0, total: 0 };
      row.events++;
      row.total += value;
      rows.set(`${sensor}|${end}`, row);
    }
  return [...rows.values()].sort((a, b) =>
    a.sensor < b.sensor ? -1 : a.sensor > b.sensor ? 1 : a.windowEnd - b.windowEnd,
  );
}
