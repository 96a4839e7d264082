import type { ClassifiedRecord } from '@twofold/oracle';
import type { View } from '@twofold/views';
import { WATCHED, type WatchedAnswer } from './answer-watch.ts';
import { prefixesHold } from './prefixes-hold.ts';

interface Applied {
  readonly offset: number;
  /** End of the event's window. */
  readonly window: number;
}

/** Events of each tumbling window, beside the counts of answers that come in the order in which they were given. */
export class WindowCounts {
  readonly #partitions: readonly (readonly Applied[])[];
  /** By partition, the first event that the last answer does not claim. */
  readonly #next: number[];
  readonly #claimed = new Map<number, number>();

  constructor(view: View, log: readonly ClassifiedRecord[]) {
    if (view.window.kind !== 'tumbling') throw new TypeError(`view ${view.name} has no tumbling windows`);
    if (!('sizeMs' in view.window)) throw new RangeError(`view ${view.name} has no windows of one length`);
    const { sizeMs } = view.window;
    const partitions: Applied[][] = [];
    for (const record of log) {
      if (record.class !== 'applied') continue;
      const window = (Math.floor(record.event.timeMs / sizeMs) + 1) * sizeMs;
      if (window <= WATCHED.from || window > WATCHED.to) continue;
      (partitions[record.partition] ??= []).push({ offset: record.offset, window });
    }
    this.#partitions = Array.from(partitions, (events) => events ?? []);
    this.#next = this.#partitions.map(() => 0);
  }

  /**
   * How many events more than it claims the answer holds, all from where its claims end, by partition, up to somewhere;
   * in words, what is wrong with it when it holds no such events.
   */
  difference({ positions, rows }: WatchedAnswer): number | string {
    this.#claim(positions);
    const missing = new Map(rows.map((row) => [Date.parse(row.windowEnd), Number(row.readings)]));
    for (const [window, count] of this.#claimed) {
      const more = (missing.get(window) ?? 0) - count;
      if (more < 0) return `${nameOf(window)} has ${more + count} readings, and claims to have ${count}`;
      missing.set(window, more);
    }
    const more = [...missing.values()].reduce((a, b) => a + b, 0);
    if (this.#fits(missing)) return more;
    const worst = [...missing].sort(([, a], [, b]) => b - a)[0] ?? [0, 0];
    return `${nameOf(worst[0])} has ${worst[1]} readings more than claimed, which are not those that follow in the log`;
  }

  /** Positions never go back, which was looked at before. */
  #claim(positions: readonly number[]): void {
    for (const [p, events] of this.#partitions.entries())
      for (
        ;
        (events[this.#next[p] ?? 0]?.offset ?? Infinity) < (positions[p] ?? 0);
        this.#next[p] = (this.#next[p] ?? 0) + 1
      ) {
        const window = events[this.#next[p] ?? 0]?.window ?? 0;
        this.#claimed.set(window, (this.#claimed.get(window) ?? 0) + 1);
      }
  }

  /** Can the next events of the partitions, so many of each, be what is missing? */
  #fits(missing: ReadonlyMap<number, number>): boolean {
    const windows = [...missing].filter(([, count]) => count > 0);
    const numbers = new Map(windows.map(([window], n) => [window, n]));
    const most = windows.reduce((sum, [, count]) => sum + count, 0);
    const ahead = this.#partitions.map((events, p) => {
      const next = events.slice(this.#next[p], (this.#next[p] ?? 0) + most).map(({ window }) => numbers.get(window));
      const end = next.indexOf(undefined);
      return (end < 0 ? next : next.slice(0, end)).flatMap((n) => n ?? []);
    });
    const wanted = windows.map(([, count]) => count);
    return prefixesHold(ahead, wanted);
  }
}

const nameOf = (window: number): string => `the window ending ${new Date(window).toISOString()}`;
