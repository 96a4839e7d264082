import { unionOf, type Runs } from '@twofold/corrections';
import type { PartEntry } from '@twofold/view-store';
import type { Level, View } from '@twofold/views';
import { sourcesOf, type KnownLevel, type PartPlace, type PartSource } from './part-sources.ts';

/** Panes of one part: bounds what a run has to do again when one late event arrives. */
const PANES_PER_PART = 600;

/** A part of one level that has to exist in a build: its panes are `[from, to)`. */
export interface PlannedPart extends PartPlace {
  readonly sources: readonly PartSource[];
}

export interface BuildPlan {
  /** To be made, each level after the ones that are finer. */
  readonly fresh: readonly PlannedPart[];
  /** The base's, as they are (E14). */
  readonly shared: readonly PartEntry[];
  /** From fine to coarse. */
  readonly levels: readonly KnownLevel[];
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
 * @param base parts of the base's build of the same view version; null: nothing may be shared
 * @param watermark retention is counted from here, milliseconds; null: nothing expires yet
 */
export function planBuild(
  view: View,
  dirty: readonly number[],
  base: readonly PartEntry[] | null,
  watermark: number | null,
): BuildPlan {
  const fresh: PlannedPart[] = [];
  const shared: PartEntry[] = [];
  const changed = unionOf([dirty.map((from) => [from, from + surveyMs(view)] as const)]);
  const levels: KnownLevel[] = [];
  for (const level of view.levels) {
    const { widthMs } = level;
    const size = partMs(widthMs);
    const starts = new Set<number>();
    for (const bucket of dirty) starts.add(Math.floor(bucket / size) * size);
    const below = expiredBelow(level, watermark);
    const mine = new Map(
      (base ?? []).flatMap((part) => (part.widthMs === widthMs ? [[part.from, part] as const] : [])),
    );
    const places = [...starts].filter((from) => from >= below).sort((a, b) => a - b);
    const kept = [...mine.values()].filter(({ from }) => !starts.has(from) && from >= below);
    for (const from of places) {
      const place = { widthMs, from, to: from + size };
      const former = mine.get(from) ?? null;
      fresh.push({ ...place, sources: sourcesOf(place, changed, isSession(view) ? null : former, levels) });
    }
    shared.push(...kept);
    levels.push({
      widthMs,
      known: base === null ? [[below, Infinity]] : runsOf([...places, ...kept.map(({ from }) => from)], size),
    });
  }
  return { fresh, shared, levels };
}

/** Where the parts begin of which something has to be kept. */
function expiredBelow({ widthMs, retainMs }: Level, watermark: number | null): number {
  if (watermark === null || retainMs === null) return -Infinity;
  // A part has expired with its last pane.
  return Math.floor((watermark - retainMs) / partMs(widthMs)) * partMs(widthMs);
}

function runsOf(starts: readonly number[], size: number): Runs {
  return unionOf([starts.map((from) => [from, from + size] as const)]);
}

/** Its panes are intervals, which what comes may lengthen: a part of them is made as a whole. */
function isSession({ window }: View): boolean {
  return window.kind === 'session';
}
