import { ceilTo, coverOf, cutAt, floorTo, type Cover, type LaneName } from '@twofold/releases';
import type { ProgressRecord } from '@twofold/view-store';
import { ReadError } from './errors.ts';
import type { Pin } from './pin-release.ts';
import type { ReadRequest } from './read-request.ts';

/** What one partition contributes to an answer. */
export interface PartitionRead {
  readonly partition: number;
  readonly cut: number;
  /** Everything below it is in the answer (E22): the speed position, or the cut when only batch was asked for. */
  readonly claim: number;
  /** Progress of the base chain; null: none recorded. */
  readonly base: ProgressRecord | null;
  /** Progress of the lane that the claim comes from: the base chain's, or a remainder's that has not ended; null: none recorded. */
  readonly decisive: ProgressRecord | null;
}

/** A partition's speed side: which rows, and which of them can not change any more. */
export interface SpeedSide {
  readonly cover: Cover;
  /** Slices that end above it are left out (a snapshot); null: none are. */
  readonly below: number | null;
  /** Slices that end at or below it are final; so is a remainder that has ended. */
  readonly openFrom: number;
}

/** Positions come from progress that was read before any row (E16). Throws SNAPSHOT_EXPIRED. */
export function readPositions(
  pin: Pin,
  progress: readonly ProgressRecord[],
  request: Pick<ReadRequest, 'layer' | 'positions'>,
): readonly (PartitionRead & SpeedSide)[] {
  const { origins, sliceSize } = pin.stream;
  return origins.map((_, partition) => {
    const cut = cutAt(pin.entry.cut, partition, origins);
    const lane = (name: LaneName): ProgressRecord | null =>
      progress.find((record) => record.partition === partition && record.lane === name) ?? null;
    const base = lane('base');
    const remainder = lane(`remainder:${cut}`);
    const wide = [lane('wide:1')?.next ?? null, lane('wide:2')?.next ?? null];
    const next = { base: base?.next ?? null, remainder: remainder?.next ?? null };
    const { claim: proved } = coverOf(cut, sliceSize, { ...next, wide });
    const below = stopOf(request.positions, { partition, cut, proved, sliceSize });
    // A wide row that reaches past the stop is left out, and the narrow rows below it are read instead.
    const capped = below === null ? wide : wide.map((through) => (through === null ? null : Math.min(through, below)));
    const cover = coverOf(cut, sliceSize, { ...next, wide: capped });
    const claim = request.layer === 'BATCH' ? cut : (below ?? proved);
    const lags = cover.remainder !== null && cover.spans.length === 0 && (base?.next ?? cut) > proved;
    const openFrom = Math.max(ceilTo(cut, sliceSize), floorTo(base?.next ?? 0, sliceSize));
    return { partition, cut, claim, base, decisive: lags ? remainder : base, cover, below, openFrom };
  });
}

/**
 * A snapshot's positions lie at or above the cut and at or below what is proved (E16). Without a slice end between
 * the two it ends at the cut, which is an edge as well: the remainder begins there.
 */
function stopOf(
  positions: ReadRequest['positions'],
  at: { readonly partition: number; readonly cut: number; readonly proved: number; readonly sliceSize: number },
): number | null {
  if (positions === null) return null;
  if (positions === 'SLICE_ENDS') return Math.max(at.cut, floorTo(at.proved, at.sliceSize));
  // A partition that the project took over after the snapshot was made adds nothing to it.
  const position = positions[at.partition] ?? at.cut;
  const edge = position % at.sliceSize === 0 || position === at.cut;
  if (edge && position >= at.cut && position <= at.proved) return position;
  throw new ReadError(
    'SNAPSHOT_EXPIRED',
    `the snapshot's position ${position} of partition ${at.partition} is no slice end between the cut ${at.cut} and the position ${at.proved} that is proved; ask again without the cursor`,
    { retryable: true },
  );
}
