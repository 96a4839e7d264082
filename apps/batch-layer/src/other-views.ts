import type { ArchiveFile } from '@twofold/archive';
import { sameList, type Entry } from '@twofold/releases';
import type { BuildIndex, PartEntry } from '@twofold/view-store';
import { projectionOf, type View, type ViewProjection } from '@twofold/views';
import { recordsAbout } from './part-groups.ts';
import { covers, type PartPlace, type PartSource } from './part-sources.ts';
import type { BuildPlan, PlannedPart } from './plan-build.ts';

/** Reading a stored partial costs about as much as so many archived records do in a fold. */
const RECORDS_A_PARTIAL = 4;

/** A view that this run builds, or has built. */
interface PlannedView {
  readonly view: View;
  readonly entry: Entry;
  readonly plan: BuildPlan;
}

export interface BuiltView extends PlannedView {
  readonly index: BuildIndex;
}

/** Each view after those that may determine it: of more dimensions, of more components, of finer panes, of more events. */
export function inBuildingOrder<V extends PlannedView>(views: readonly V[]): V[] {
  const finest = ({ view }: V): number => view.levels[0]?.widthMs ?? 0;
  return [...views].sort(
    (a, b) =>
      b.view.dimensions.length - a.view.dimensions.length ||
      b.view.components.length - a.view.components.length ||
      finest(a) - finest(b) ||
      Number(a.view.where !== null) - Number(b.view.where !== null),
  );
}

/**
 * The view's plan, with panes of other views of this run in place of archived events wherever one determines them, knows all
 * of the stretch, and has so few partials there that reading them is less work. By the laws of partials it is the same.
 */
export function drawnFrom(
  built: readonly BuiltView[],
  { view, entry, plan }: PlannedView,
  files: readonly ArchiveFile[],
): BuildPlan {
  const others = built.flatMap((base): readonly Other[] => {
    if (!isOfSameEvents(base.entry, entry)) return [];
    const projection = projectionOf(base.view, view);
    return projection === null ? [] : [{ projection, base }];
  });
  if (others.length === 0) return plan;
  const draw = (part: PlannedPart, source: PartSource): PartSource =>
    source.kind === 'archive' ? (fewest(others, { ...source, widthMs: part.widthMs }, files) ?? source) : source;
  return {
    ...plan,
    fresh: plan.fresh.map((part) => ({ ...part, sources: part.sources.map((source) => draw(part, source)) })),
  };
}

interface Other {
  readonly base: BuiltView;
  readonly projection: ViewProjection;
}

/** Both have counted the same positions, corrected in the same way. */
function isOfSameEvents(a: Entry, b: Entry): boolean {
  const sameCut = a.cut.length === b.cut.length && a.cut.every((position, partition) => position === b.cut[partition]);
  return a.stream === b.stream && sameCut && sameList(a.corrections, b.corrections);
}

/** The level of another view that gives the stretch with the fewest partials; null: none does with few enough. */
function fewest(others: readonly Other[], place: PartPlace, files: readonly ArchiveFile[]): PartSource | null {
  const { widthMs, from, to } = place;
  let least = recordsAbout(files, place) / RECORDS_A_PARTIAL;
  let found: PartSource | null = null;
  for (const { base, projection } of others)
    for (const level of base.plan.levels) {
      if (widthMs % level.widthMs !== 0 || !covers(level.known, from, to)) continue;
      const parts = base.index.parts.filter(
        (part) => part.widthMs === level.widthMs && part.from < to && part.to > from,
      );
      const rows = parts.reduce((sum, part) => sum + rowsWithin(part, place), 0);
      if (rows > least) continue;
      least = rows;
      found = { kind: 'view', from, to, projection, parts };
    }
  return found;
}

/** Rows of a part in a stretch, were they spread evenly. */
function rowsWithin({ rows, from, to }: PartEntry, within: PartPlace): number {
  return (rows * (Math.min(to, within.to) - Math.max(from, within.from))) / (to - from);
}
