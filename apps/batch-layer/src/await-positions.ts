import { candidateOf, coverOf, cutAt, type Candidate, type Entry, type StreamState } from '@twofold/releases';
import type { ProgressRecord } from '@twofold/view-store';
import { readControl } from './change-control.ts';
import { BatchError } from './errors.ts';
import { patiently } from './patiently.ts';
import type { Work } from './plan-candidate.ts';
import type { BatchPorts } from './ports.ts';

type PositionPorts = Pick<BatchPorts, 'store' | 'clock' | 'logger'>;

/** Longer than it takes until another speed layer has taken over a partition whose worker died. */
const PATIENCE_MS = 30_000;
/** A speed layer that runs has taken up a lane so long after it was registered: it looks five times a second. */
const TAKEN_UP_MS = 2_000;
/** Pause between two looks. */
const LOOK_MS = 50;

/** A partition in which the candidate's answers would end before those of the served release. */
interface Behind {
  readonly view: string;
  readonly version: number;
  readonly partition: number;
  readonly position: number;
  readonly served: number;
}

/** A candidate that is in the control row since `registeredMs` of the monotonic clock. */
export interface RegisteredCandidate {
  readonly candidate: Candidate;
  readonly works: readonly Work[];
  readonly registeredMs: number;
}

/**
 * Waits until the candidate's answers reach at least as far as those of the entries it replaces (X3, E15), so that its
 * promotion makes no answer older. From then on it stays so: a worker folds and records the lanes of both together. So the
 * lane has to be taken up too, even where the cut alone reaches far enough; unless nobody takes it up, who could then move
 * what is served.
 * @throws SPEED_BEHIND (retryable) when that does not come about within half a minute
 */
export async function awaitPositions(
  { candidate, works, registeredMs }: RegisteredCandidate,
  ports: PositionPorts,
  signal: AbortSignal,
): Promise<void> {
  const { clock, store, logger } = ports;
  const begun = clock.monotonic();
  for (let told = false; ; told = true) {
    const row = await readControl(store.control, clock, signal);
    // Nobody folds the lanes of a candidate that was cancelled; who promotes it will find that out.
    if (row === null || candidateOf(row, candidate.id) === null) return;
    const nobodyCame = clock.monotonic() - registeredMs > TAKEN_UP_MS;
    const behind = await firstBehind({ works, streams: row.streams, nobodyCame }, ports, signal);
    if (behind === null) return;
    if (clock.monotonic() - begun > PATIENCE_MS) throw tooFarBehind(behind);
    if (!told) logger.info('the candidate waits for its lanes', { candidate: candidate.id, ...behind });
    await clock.sleep(LOOK_MS, signal);
  }
}

async function firstBehind(
  of: {
    readonly works: readonly Work[];
    readonly streams: Readonly<Record<string, StreamState>>;
    readonly nobodyCame: boolean;
  },
  ports: PositionPorts,
  signal: AbortSignal,
): Promise<Behind | null> {
  for (const { view, entry, base } of of.works) {
    const stream = of.streams[view.stream.name];
    if (base === null || stream === undefined) continue;
    // The candidate's first: what it had reached by then it has reached when the other is read.
    const own = await progressOf(entry, ports, signal);
    const served = base.version === entry.version ? own : await progressOf(base, ports, signal);
    for (const partition of stream.origins.keys()) {
      const { claim: position, isTakenUp } = claimOf(entry, partition, stream, own);
      const at = { position, served: claimOf(base, partition, stream, served).claim };
      if (at.position < at.served || !(isTakenUp || of.nobodyCame))
        return { view: view.name, version: entry.version, partition, ...at };
    }
  }
  return null;
}

function progressOf(
  { view, version }: Entry,
  { store, clock }: PositionPorts,
  signal: AbortSignal,
): Promise<readonly ProgressRecord[]> {
  return patiently(clock, () => store.progress.read({ view, version }, signal), signal);
}

/** The position that an answer of this entry claims (E3, E22), and whether somebody has recorded the lane that decides it. */
function claimOf(
  entry: Entry,
  partition: number,
  { origins, sliceSize }: StreamState,
  records: readonly ProgressRecord[],
): { readonly claim: number; readonly isTakenUp: boolean } {
  const cut = cutAt(entry.cut, partition, origins);
  const next = (lane: string): number | null =>
    records.find((record) => record.partition === partition && record.lane === lane)?.next ?? null;
  const progress = { base: next('base'), remainder: next(`remainder:${cut}`), wide: [] };
  const { claim } = coverOf(cut, sliceSize, progress);
  return { claim, isTakenUp: (cut % sliceSize === 0 ? progress.base : progress.remainder) !== null };
}

function tooFarBehind({ view, version, partition, position, served }: Behind): BatchError {
  return new BatchError(
    'SPEED_BEHIND',
    `view ${view}@${version}: its speed rows reach position ${position} of partition ${partition}, and answers that are served reach ${served}; promoted now, it would make them older. Nothing is promoted; look whether a speed layer runs that knows this version.`,
    { retryable: true, facts: { view, version, partition, position, served } },
  );
}
