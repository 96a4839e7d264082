import type { View } from '@twofold/views';
import type { PartitionRead } from './read-view.ts';

export type Health = 'FRESH' | 'WARN' | 'STALE' | 'UNKNOWN';

/** How old an answer is, in data time, and why (E23). Times in milliseconds. */
export interface Freshness {
  readonly health: Health;
  /** Everything that the log held at this time is in the answer. Null: nothing was read yet. */
  readonly asOf: number | null;
  readonly lagMs: number | null;
  readonly because: string;
}

/** A sign of life older than this means that nobody reads the partition just now. */
const ALIVE_MS = 3_000;

/** The oldest partition decides; one that is idle but caught up is fresh. */
export function freshnessOf(view: View, partitions: readonly PartitionRead[], now: number): Freshness {
  let worst: { asOf: number; because: string } | null = null;
  for (const read of partitions) {
    const found = asOfPartition(read, now);
    if (found === null)
      return {
        health: 'UNKNOWN',
        asOf: null,
        lagMs: null,
        because: `partition ${read.partition}: nothing has been read yet`,
      };
    if (worst === null || found.asOf < worst.asOf) worst = found;
  }
  if (worst === null) return { health: 'UNKNOWN', asOf: null, lagMs: null, because: 'the stream has no partition yet' };
  const lagMs = Math.max(0, now - worst.asOf);
  const health = lagMs > view.freshness.errorAfterMs ? 'STALE' : lagMs > view.freshness.warnAfterMs ? 'WARN' : 'FRESH';
  return { health, asOf: worst.asOf, lagMs, because: worst.because };
}

function asOfPartition(
  { partition, claim, progress }: PartitionRead,
  now: number,
): { asOf: number; because: string } | null {
  if (progress === null) return null;
  const { next, lastLogTime, caughtUpAt } = progress;
  // A claim behind the base chain is that of a remainder, or of the batch view alone: nothing newer is in the answer.
  if (claim < next)
    return lastLogTime === null
      ? null
      : {
          asOf: Math.min(lastLogTime, caughtUpAt ?? lastLogTime),
          because: `partition ${partition}: the answer ends at position ${claim}, the speed layer is at ${next}`,
        };
  if (caughtUpAt !== null && (lastLogTime === null || caughtUpAt >= lastLogTime) && now - caughtUpAt <= ALIVE_MS)
    return { asOf: caughtUpAt, because: `partition ${partition}: everything in the log has been read` };
  const asOf = Math.max(lastLogTime ?? 0, caughtUpAt ?? 0);
  if (asOf === 0) return null;
  const silent = caughtUpAt !== null && now - Math.max(caughtUpAt, lastLogTime ?? 0) > ALIVE_MS;
  return {
    asOf,
    because: silent
      ? `partition ${partition}: the speed layer has not been heard of since; it may be down`
      : `partition ${partition}: the speed layer is reading records of this time`,
  };
}

/** A window is complete when no partition with events can still be expected to add to it (lateness; informs, drops nothing). */
export function completeBefore(view: View, partitions: readonly PartitionRead[]): number | null {
  let lowest: number | null = null;
  for (const { progress } of partitions) {
    if (progress?.maxEventTime == null) continue;
    if (lowest === null || progress.maxEventTime < lowest) lowest = progress.maxEventTime;
  }
  return lowest === null ? null : lowest - view.stream.latenessMs;
}
