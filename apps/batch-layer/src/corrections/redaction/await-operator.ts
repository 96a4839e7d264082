import { archivedEnd } from '@twofold/archive';
import type { Stream } from '@twofold/schemas';
import { operatorLane } from '@twofold/view-store';
import { BatchError } from '../../errors.ts';
import { patiently } from '../../patiently.ts';
import type { BatchPorts, StreamTopic } from '../../ports.ts';

/** How far the operator of a change stream is, and where its log ended after that was read. */
export interface OperatorPlace {
  /** By partition: what every restatement below it changed is in the change stream's log. */
  readonly next: readonly number[];
  /** By partition of the change stream: the end of its log. */
  readonly ends: readonly number[];
}

const PATIENCE_MS = 30_000;
const LOOK_MS = 100;

/** Waits until the operator has done what is archived of the restatements by now. Throws SPEED_BEHIND (retryable). */
export async function awaitOperator(
  stated: Stream,
  made: StreamTopic,
  { archive, store, clock, log }: BatchPorts,
  signal: AbortSignal,
): Promise<OperatorPlace> {
  const state = await patiently(clock, () => archive.head(stated.name), signal);
  const wanted = state.origins.map((_, p) => archivedEnd(state, p));
  for (const begun = clock.monotonic(); ;) {
    const told = await patiently(clock, () => store.progress.read(operatorLane(made.stream), signal), signal);
    const next = wanted.map((_, p) => told.find(({ partition }) => partition === p)?.next ?? -1);
    const behind = wanted.findIndex((end, p) => end > (state.origins[p] ?? 0) && (next[p] ?? -1) < end);
    if (behind < 0) {
      const ranges = await patiently(clock, () => log.partitions(made.topic), signal);
      return { next, ends: ranges.map(({ end }) => end) };
    }
    if (clock.monotonic() - begun > PATIENCE_MS)
      throw new BatchError(
        'SPEED_BEHIND',
        `the operator of change stream ${made.stream.name} is at ${next[behind]} of ${wanted[behind]} in partition ${behind}: what it makes of a row later could not be erased. Does the speed layer run? Nothing was erased.`,
        { retryable: true },
      );
    await clock.sleep(LOOK_MS, signal);
  }
}
