import type { Accumulator } from './accumulator.ts';
import { WindowRows, type WindowBounds, type WindowRanges } from './answer-windows.ts';
import { lastTimeOf } from './session-join.ts';

/**
 * The sessions whose last event is in `[from, to)`, by key bytes and end: a session's window ends a millisecond after
 * its last event, and that end is in `(from, to]`. Intervals of one key that are at most the gap apart are one session,
 * whatever buckets they lie in.
 */
export function sessionRanges(
  accumulator: Accumulator,
  gapMs: number,
  { from, to, maxRows }: Pick<WindowBounds, 'from' | 'to' | 'maxRows'>,
): WindowRanges {
  const { table } = accumulator;
  const order = new Int32Array(table.rows);
  const rows = new WindowRows(maxRows);
  let begin = 0;
  for (const key of table.keys.sortedByBytes()) {
    const stop = table.slotsOf(key, order, begin);
    for (let at = begin; at < stop;) {
      const start = at;
      let last = lastTimeOf(table, order[at] ?? 0);
      for (at++; at < stop && (table.panes[order[at] ?? 0] ?? 0) - last <= gapMs; at++)
        last = Math.max(last, lastTimeOf(table, order[at] ?? 0));
      const end = last + 1;
      if (end > from && end <= to) rows.add(key, start, at, table.panes[order[start] ?? 0] ?? 0, end);
    }
    begin = stop;
  }
  return rows.finish(order);
}

/**
 * Where a reader has to begin that wants the sessions of an answer whole (E25): the first instant that an event before
 * the panes read could have, if it belonged to one of them. Null: no session reaches so far back.
 * @param paneFrom panes that start before it were not read
 */
export function sessionsReachBack(
  accumulator: Accumulator,
  gapMs: number,
  { from, to, paneFrom }: { readonly from: number; readonly to: number; readonly paneFrom: number },
): number | null {
  const { windowStarts } = sessionRanges(accumulator, gapMs, { from, to, maxRows: Infinity });
  const earliest = windowStarts.reduce((least, start) => Math.min(least, start), Infinity) - gapMs;
  return earliest < paneFrom ? earliest : null;
}

/** The slots of the sessions whose end is in `(from, to]`. */
export function sessionSlots(
  accumulator: Accumulator,
  gapMs: number,
  bounds: { readonly from: number; readonly to: number },
): Int32Array {
  const { order, starts, ends, rows } = sessionRanges(accumulator, gapMs, { ...bounds, maxRows: Infinity });
  const slots: number[] = [];
  for (let row = 0; row < rows; row++)
    for (let at = starts[row] ?? 0; at < (ends[row] ?? 0); at++) slots.push(order[at] ?? 0);
  return Int32Array.from(slots);
}
