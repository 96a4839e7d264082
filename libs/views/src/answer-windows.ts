import type { Accumulator } from './accumulator.ts';
import { ChunkError } from './chunk-error.ts';
import type { SlotRanges } from './component-state.ts';

/** The windows of an answer: row r is window `[ends[r] - size, ends[r])` of a key, and a range of panes. */
export interface WindowRanges extends SlotRanges {
  /** Key id of each row. */
  readonly keys: Int32Array;
  readonly windowEnds: Float64Array;
}

export interface WindowBounds {
  readonly from: number;
  readonly to: number;
  readonly sizeMs: number;
  readonly everyMs: number;
  readonly maxRows: number;
}

/** Windows that hold an event and end in `(from, to]`, by key bytes and end. */
export function windowRanges(accumulator: Accumulator, bounds: WindowBounds): WindowRanges {
  const { table } = accumulator;
  const { from, to, sizeMs, everyMs, maxRows } = bounds;
  const order = new Int32Array(table.rows);
  const rows = new WindowRows(maxRows);
  const firstEnd = nextEnd(from, everyMs);
  const paneAt = (place: number): number => table.panes[order[place] ?? 0] ?? 0;
  let begin = 0;
  for (const key of table.keys.sortedByBytes()) {
    const stop = table.slotsOf(key, order, begin);
    let low = begin;
    let high = begin;
    for (let end = firstEnd; end <= to;) {
      while (high < stop && paneAt(high) < end) high++;
      while (low < high && paneAt(low) < end - sizeMs) low++;
      if (low < high) {
        rows.add(key, low, high, end);
        end += everyMs;
      } else if (high < stop) end = nextEnd(paneAt(high), everyMs);
      else break;
    }
    begin = stop;
  }
  return rows.finish(order);
}

/** The first window end after an instant: windows end at multiples of the step. */
function nextEnd(after: number, everyMs: number): number {
  return (Math.floor(after / everyMs) + 1) * everyMs;
}

class WindowRows {
  private readonly maxRows: number;
  private rows = 0;
  private keys = new Int32Array(64);
  private starts = new Int32Array(64);
  private ends = new Int32Array(64);
  private windowEnds = new Float64Array(64);

  constructor(maxRows: number) {
    this.maxRows = maxRows;
  }

  /** Above the bound rows are only counted. */
  add(key: number, start: number, end: number, windowEnd: number): void {
    const row = this.rows++;
    if (row >= this.maxRows) return;
    if (row === this.keys.length) this.grow(row * 2);
    this.keys[row] = key;
    this.starts[row] = start;
    this.ends[row] = end;
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
      windowEnds: this.windowEnds.subarray(0, rows),
    };
  }

  private grow(length: number): void {
    const widened = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const into = new Int32Array(length);
      into.set(from);
      return into;
    };
    this.keys = widened(this.keys);
    this.starts = widened(this.starts);
    this.ends = widened(this.ends);
    const windowEnds = new Float64Array(length);
    windowEnds.set(this.windowEnds);
    this.windowEnds = windowEnds;
  }
}
