import { WIDE_FAN_IN } from './lanes.ts';
import { ceilTo } from './lookup.ts';

/** What a reader knows of one partition's lanes, read before any row (E16). Null: no progress recorded. */
export interface LaneProgress {
  readonly base: number | null;
  /** Of the remainder at this cut. */
  readonly remainder: number | null;
  /** "Merged through" by wide level, from level 1 on (E24). */
  readonly wide: readonly (number | null)[];
}

/** Rows of one width, with `from <= start < below`. */
export interface CoverSpan {
  readonly widthOffsets: number;
  readonly from: number;
  readonly below: number;
}

/** Which speed rows of a partition add up to everything at or above a cut, each position once (E3, E24). */
export interface Cover {
  /** Proved by the lanes' progress (E22): every position in `[cut, claim)` is in the rows. */
  readonly claim: number;
  /** The remainder row that starts at the cut. */
  readonly remainder: { readonly start: number; readonly end: number } | null;
  /** Rising, without gap or overlap. Empty while the remainder has not reached its end. The last narrow span is open: its rows may hold positions above the claim. */
  readonly spans: readonly CoverSpan[];
}

export function coverOf(cut: number, sliceSize: number, progress: LaneProgress): Cover {
  const edge = ceilTo(cut, sliceSize);
  const remainder = cut === edge ? null : { start: cut, end: edge };
  if (remainder !== null && (progress.remainder ?? cut) < edge)
    return { claim: Math.max(cut, progress.remainder ?? cut), remainder, spans: [] };
  const claim = Math.max(edge, progress.base ?? edge);
  return { claim, remainder, spans: spansFrom(edge, sliceSize, progress) };
}

/** From the edge on: the widest merged slice that starts here, else a narrow one; narrow without end after the last merged. */
function spansFrom(edge: number, sliceSize: number, progress: LaneProgress): CoverSpan[] {
  const spans: CoverSpan[] = [];
  let at = edge;
  for (;;) {
    const level = widestAt(at, sliceSize, progress);
    const next = level === 0 ? narrowUntil(at, sliceSize, progress) : at + widthOf(level, sliceSize);
    const widthOffsets = widthOf(level, sliceSize);
    const last = spans.at(-1);
    if (last !== undefined && last.widthOffsets === widthOffsets)
      spans[spans.length - 1] = { ...last, below: next ?? Infinity };
    else spans.push({ widthOffsets, from: at, below: next ?? Infinity });
    if (next === null) return spans;
    at = next;
  }
}

export function widthOf(level: number, sliceSize: number): number {
  return sliceSize * WIDE_FAN_IN ** level;
}

function widestAt(at: number, sliceSize: number, progress: LaneProgress): number {
  for (let level = progress.wide.length; level > 0; level--) {
    const width = widthOf(level, sliceSize);
    if (at % width === 0 && at + width <= (progress.wide[level - 1] ?? 0)) return level;
  }
  return 0;
}

/** The next place above `at` where a merged wide slice starts; null when there is none. */
function narrowUntil(at: number, sliceSize: number, progress: LaneProgress): number | null {
  let nearest: number | null = null;
  for (let level = 1; level <= progress.wide.length; level++) {
    const width = widthOf(level, sliceSize);
    const start = ceilTo(at + 1, width);
    if (start + width <= (progress.wide[level - 1] ?? 0) && (nearest === null || start < nearest)) nearest = start;
  }
  return nearest;
}
