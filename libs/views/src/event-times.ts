import { RecordClass, type Columns } from '@twofold/schemas';
import type { CommonReads } from './common-reads.ts';

/** Rows whose earliest and latest event time are kept together: 1 << 10. */
const stretchBits = 10;

/** Milliseconds; of no row Infinity and -Infinity. */
export interface TimeBounds {
  readonly earliest: number;
  readonly latest: number;
}

/** What is to be known of the event times of applied rows, read once for all folds, when it is asked for first. */
export class EventTimes {
  private readonly reads: CommonReads;
  private batch = 0;
  /** By stretch of rows, from the first that was begun. */
  private earliest = new Float64Array(0);
  private latest = new Float64Array(0);
  private readonly bounds = { earliest: Infinity, latest: -Infinity };
  /** By range of rows. */
  private readonly latests = new Map<string, number>();

  constructor(reads: CommonReads) {
    this.reads = reads;
  }

  /** Bounds of the rows `[first, last]`: they are rather too wide than too narrow. Good until the next call. */
  boundsOf(first: number, last: number): TimeBounds {
    this.read();
    const { bounds, reads } = this;
    bounds.earliest = Infinity;
    bounds.latest = -Infinity;
    const end = (last - reads.from) >> stretchBits;
    for (let stretch = (first - reads.from) >> stretchBits; stretch <= end; stretch++) {
      bounds.earliest = Math.min(bounds.earliest, this.earliest[stretch] ?? -Infinity);
      bounds.latest = Math.max(bounds.latest, this.latest[stretch] ?? Infinity);
    }
    return bounds;
  }

  /** As `latestTime` says of the rows `[from, to)`; lanes of many views ask it of the same. */
  latestOf(from: number, to: number): number {
    const { columns } = this.reads;
    if (columns === null) return -Infinity;
    this.read();
    const range = `${from} ${to}`;
    const known = this.latests.get(range) ?? latestTime(columns, from, to);
    this.latests.set(range, known);
    return known;
  }

  private read(): void {
    const { columns, from, to, batch } = this.reads;
    if (this.batch === batch || columns === null) return;
    this.batch = batch;
    this.latests.clear();
    const stretches = ((to - from) >> stretchBits) + 1;
    if (this.earliest.length < stretches) {
      this.earliest = new Float64Array(stretches);
      this.latest = new Float64Array(stretches);
    }
    const { classes, eventTimes } = columns;
    for (let stretch = 0; stretch < stretches; stretch++) {
      const start = from + (stretch << stretchBits);
      const end = Math.min(to, start + (1 << stretchBits));
      let earliest = Infinity;
      let latest = -Infinity;
      for (let row = start; row < end; row++) {
        if (classes[row] !== RecordClass.applied) continue;
        const time = eventTimes[row] ?? NaN;
        if (time < earliest) earliest = time;
        if (time > latest) latest = time;
      }
      this.earliest[stretch] = earliest;
      this.latest[stretch] = latest;
    }
  }
}

/** The largest event time of the applied rows `[from, to)`, milliseconds; -Infinity: none is applied. */
export function latestTime({ classes, eventTimes }: Columns, from: number, to: number): number {
  let latest = -Infinity;
  for (let row = from; row < to; row++) {
    if (classes[row] !== RecordClass.applied) continue;
    const time = eventTimes[row] ?? -Infinity;
    if (time > latest) latest = time;
  }
  return latest;
}
