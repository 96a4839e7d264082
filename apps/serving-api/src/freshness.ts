import type { Entry } from '@twofold/releases';
import type { View } from '@twofold/views';
import type { PartitionRead } from './read-positions.ts';

export type Health = 'FRESH' | 'WARN' | 'STALE' | 'UNKNOWN';

/** How old an answer is, in data time, and why (E23). Times in milliseconds. */
export interface Freshness {
  readonly health: Health;
  /** Everything that the log held at this time is in the answer. Null: not known. */
  readonly asOf: number | null;
  readonly lagMs: number | null;
  readonly because: string;
}

interface Age {
  /** Null: not known. */
  readonly asOf: number | null;
  readonly because: string;
}

/** A sign of life older than this means that nobody reads the partition just now. */
const ALIVE_MS = 3_000;

/**
 * The oldest partition decides; one that is idle but caught up is fresh.
 * @param readAt when the positions were read: a snapshot grows old
 */
export function freshnessOf(view: View, partitions: readonly PartitionRead[], now: number, readAt = now): Freshness {
  const first = partitions[0];
  if (first === undefined) return unknown('the stream has no partition yet');
  let worst = ageOf(first, readAt);
  for (const read of partitions) {
    const age = ageOf(read, readAt);
    if (age.asOf === null) return unknown(age.because);
    if (worst.asOf === null || age.asOf < worst.asOf) worst = age;
  }
  if (worst.asOf === null) return unknown(worst.because);
  const lagMs = Math.max(0, now - worst.asOf);
  const { warnAfterMs, errorAfterMs } = view.freshness;
  const health = lagMs > errorAfterMs ? 'STALE' : lagMs > warnAfterMs ? 'WARN' : 'FRESH';
  return { health, asOf: worst.asOf, lagMs, because: worst.because };
}

function unknown(because: string): Freshness {
  return { health: 'UNKNOWN', asOf: null, lagMs: null, because };
}

function ageOf({ partition, claim, decisive }: PartitionRead, readAt: number): Age {
  const of = `partition ${partition}`;
  if (decisive === null) return { asOf: null, because: `${of}: the speed layer has read nothing of it yet` };
  const { next, lastLogTime, caughtUpAt } = decisive;
  if (claim < next)
    return { asOf: null, because: `${of}: the answer ends at position ${claim}, the speed layer is at ${next}` };
  const heardAt = Math.max(lastLogTime ?? -Infinity, caughtUpAt ?? -Infinity);
  if (heardAt === -Infinity) return { asOf: null, because: `${of}: the speed layer has read nothing of it yet` };
  const idle = caughtUpAt === heardAt;
  if (readAt - heardAt <= ALIVE_MS && idle)
    return { asOf: heardAt, because: `${of}: all that the log holds has been read` };
  if (idle) return { asOf: heardAt, because: `${of}: the speed layer has not been heard of since; it may be down` };
  return { asOf: heardAt, because: `${of}: the speed layer is reading records of this time` };
}

/**
 * Windows that end at or before it are complete: no partition with events is expected to add to them (lateness;
 * informs, drops nothing). Null: none is.
 */
export function completeBefore(view: View, entry: Entry, partitions: readonly PartitionRead[]): number | null {
  let lowest: number | null = null;
  for (const { claim, base } of partitions) {
    // The answer ends before what the chain has read: only what the build saw is known to be in it.
    if (base !== null && claim < base.next) return entry.watermark;
    const newest = base?.maxEventTime ?? null;
    if (newest !== null && (lowest === null || newest < lowest)) lowest = newest;
  }
  return lowest === null ? entry.watermark : lowest - view.stream.latenessMs;
}
