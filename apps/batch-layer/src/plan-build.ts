import type { PartEntry } from '@twofold/view-store';
import type { View } from '@twofold/views';

/** Panes of one part: bounds what a run has to do again when one late event arrives. */
const PANES_PER_PART = 600;

/** A part of one level that has to exist in a build: its panes are `[from, to)`. */
export interface PlannedPart {
  readonly widthMs: number;
  readonly from: number;
  readonly to: number;
}

export interface BuildPlan {
  /** To be folded from the archive. */
  readonly fresh: readonly PlannedPart[];
  /** The base's, as they are (E14). */
  readonly shared: readonly PartEntry[];
}

export function partMs(widthMs: number): number {
  return widthMs * PANES_PER_PART;
}

/** The width in which dirty event time is asked for: that of the finest level's parts, which divides all others'. */
export function surveyMs(view: View): number {
  return partMs(view.levels[0]?.widthMs ?? 1);
}

/**
 * What a build is made of: fresh parts wherever an event between the cuts lies, whatever its event time; everything
 * else shared with the base; nothing that has expired (decisions: retention).
 *
 * @param dirty starts of the buckets of `surveyMs` that hold an event between the base's cut and the new one
 * @param base parts of the base's build of the same view version; empty when nothing may be shared
 * @param watermark retention is counted from here, milliseconds; null: nothing expires yet
 */
export function planBuild(
  view: View,
  dirty: readonly number[],
  base: readonly PartEntry[],
  watermark: number | null,
): BuildPlan {
  const fresh: PlannedPart[] = [];
  const shared: PartEntry[] = [];
  for (const { widthMs, retainMs } of view.levels) {
    const size = partMs(widthMs);
    const expired = (to: number): boolean => watermark !== null && retainMs !== null && to <= watermark - retainMs;
    const starts = new Set<number>();
    for (const bucket of dirty) starts.add(Math.floor(bucket / size) * size);
    for (const from of [...starts].sort((a, b) => a - b))
      if (!expired(from + size)) fresh.push({ widthMs, from, to: from + size });
    for (const part of base)
      if (part.widthMs === widthMs && !starts.has(part.from) && !expired(part.to)) shared.push(part);
  }
  return { fresh, shared };
}
