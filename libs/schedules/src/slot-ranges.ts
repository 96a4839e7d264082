import type { CronTable } from './cron-table.ts';
import { nextSlot } from './slots.ts';

/** Every slot from the first to the last, both included. Milliseconds UTC. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

/** Gaps that are remembered; older ones are closed. A gap matters only when a clock goes back into it. */
const RANGES = 50;

export function isSettled(ranges: readonly SlotRange[], slot: number): boolean {
  return ranges.some(({ from, to }) => from <= slot && slot <= to);
}

/** The newest settled slot before `slot`; null: none. */
export function settledBefore(ranges: readonly SlotRange[], slot: number): number | null {
  const before = ranges.filter(({ to }) => to < slot).map(({ to }) => to);
  return before.length === 0 ? null : Math.max(...before);
}

/** Adds slots. Ranges that no slot of the table separates become one. */
export function settle(ranges: readonly SlotRange[], from: number, to: number, table: CronTable): readonly SlotRange[] {
  const sorted = [...ranges, { from, to }].sort((a, b) => a.from - b.from);
  const joined: SlotRange[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last === undefined || isBetween(table, last.to, range.from)) joined.push(range);
    else joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
  }
  const [first] = joined;
  const closed = joined[joined.length - RANGES];
  if (first === undefined || closed === undefined || joined.length <= RANGES) return joined;
  return [{ from: first.from, to: closed.to }, ...joined.slice(joined.length - RANGES + 1)];
}

/** A slot lies between two settled ones. */
function isBetween(table: CronTable, after: number, before: number): boolean {
  return after < before && (nextSlot(table, after) ?? Infinity) < before;
}
