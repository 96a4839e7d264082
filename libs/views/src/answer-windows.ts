import type { Accumulator } from './accumulator.ts';
import { ChunkError } from './chunk-error.ts';
import type { SlotRanges } from './component-state.ts';
import { sessionRanges } from './session-ranges.ts';
import type { Window } from './view.ts';
import { calendarOfWindow } from './window-of.ts';

/** The windows of an answer: row r is window `[starts[r], ends[r])` of a key, and a range of panes. */
export interface WindowRanges extends SlotRanges {
  /** Key id of each row. */
  readonly keys: Int32Array;
  readonly windowStarts: Float64Array;
  readonly windowEnds: Float64Array;
}

export interface WindowBounds {
  readonly from: number;
  readonly to: number;
  readonly window: Window;
  readonly maxRows: number;
}

/** Windows that hold an event and end in `(from, to]`, by key bytes and end. */
export function windowRanges(accumulator: Accumulator, bounds: WindowBounds): WindowRanges {
  const { window } = bounds;
  if (window.kind === 'session') return sessionRanges(accumulator, window.gapMs, bounds);
  const { table } = accumulator;
  const { from, to, maxRows } = bounds;
  const order = new Int32Array(table.rows);
  const rows = new WindowRows(maxRows);
  const { sizeOf, endAfter, nextEnd } = edgesOf(window);
  const paneAt = (place: number): number => table.panes[order[place] ?? 0] ?? 0;
  let begin = 0;
  for (const key of table.keys.sortedByBytes()) {
    const stop = table.slotsOf(key, order, begin);
    if (stop === begin) continue;
    let low = begin;
    let high = begin;
    for (let end = endAfter(Math.max(from, paneAt(begin))); end <= to;) {
      const start = end - sizeOf(end);
      while (high < stop && paneAt(high) < end) high++;
      while (low < high && paneAt(low) < start) low++;
      if (low < high) {
        rows.add(key, low, high, start, end);
        end = nextEnd(end);
      } else if (high < stop) end = endAfter(paneAt(high));
      else break;
    }
    begin = stop;
  }
  return rows.finish(order);
}

/** How windows follow one another. All instants in milliseconds. */
interface WindowEdges {
  /** Length of the window that ends there. */
  readonly sizeOf: (end: number) => number;
  /** The first window end after an instant. */
  readonly endAfter: (instant: number) => number;
  /** The end after an end. */
  readonly nextEnd: (end: number) => number;
}

/** Fixed windows end at multiples of their step; those of a calendar begin where the one before ends. */
function edgesOf(window: Exclude<Window, { readonly kind: 'session' }>): WindowEdges {
  if (window.kind === 'calendar') {
    const calendar = calendarOfWindow(window);
    const endAfter = (instant: number): number => calendar.endOf(instant);
    return { sizeOf: (end) => end - calendar.startOf(end - 1), endAfter, nextEnd: endAfter };
  }
  const { sizeMs, everyMs } = window;
  return {
    sizeOf: () => sizeMs,
    endAfter: (instant) => (Math.floor(instant / everyMs) + 1) * everyMs,
    nextEnd: (end) => end + everyMs,
  };
}

/** Rows of an answer as they are found, in arrays that grow. */
export class WindowRows {
  private readonly maxRows: number;
  private rows = 0;
  private keys = new Int32Array(64);
  private starts = new Int32Array(64);
  private ends = new Int32Array(64);
  private windowStarts = new Float64Array(64);
  private windowEnds = new Float64Array(64);

  constructor(maxRows: number) {
    this.maxRows = maxRows;
  }

  /** Above the bound rows are only counted. */
  add(key: number, start: number, end: number, windowStart: number, windowEnd: number): void {
    const row = this.rows++;
    if (row >= this.maxRows) return;
    if (row === this.keys.length) this.grow(row * 2);
    this.keys[row] = key;
    this.starts[row] = start;
    this.ends[row] = end;
    this.windowStarts[row] = windowStart;
    this.windowEnds[row] = windowEnd;
  }

  finish(order: Int32Array): WindowRanges {
    const { rows, maxRows } = this;
    if (rows > maxRows) {
      throw new ChunkError('TOO_MANY_ROWS', `The answer has ${rows} rows; at most ${maxRows} are given at once.`, {
        facts: { rows, maxRows },
      });
    }
    return {
      order,
      rows,
      keys: this.keys.subarray(0, rows),
      starts: this.starts.subarray(0, rows),
      ends: this.ends.subarray(0, rows),
      windowStarts: this.windowStarts.subarray(0, rows),
      windowEnds: this.windowEnds.subarray(0, rows),
    };
  }

  private grow(length: number): void {
    const widened = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const into = new Int32Array(length);
      into.set(from);
      return into;
    };
    const wider = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const into = new Float64Array(length);
      into.set(from);
      return into;
    };
    this.keys = widened(this.keys);
    this.starts = widened(this.starts);
    this.ends = widened(this.ends);
    this.windowStarts = wider(this.windowStarts);
    this.windowEnds = wider(this.windowEnds);
  }
}
