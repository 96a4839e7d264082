import type { ArchiveFile } from '@twofold/archive';
import { isFolded, type PartPlace, type PartSource } from './part-sources.ts';
import type { PlannedPart } from './plan-build.ts';

/** Parts of one level that follow one another without a gap and are made at once: of all of them in one reading of the archive, or one by itself. */
export interface PartGroup extends PartPlace {
  readonly parts: readonly PlannedPart[];
  readonly sources: readonly PartSource[];
}

export interface GroupLimits {
  /** Bounds what is folded at once, as far as files say what is in them. */
  readonly records: number;
  readonly parts: number;
}

export const GROUP_LIMITS: GroupLimits = { records: 1 << 18, parts: 256 };

/**
 * Parts in the order in which they are planned; those that are folded stand together while they hold so few records that
 * reading a file anew for each would be most of the work. A part that is beyond the limit by itself is folded by itself.
 */
export function groupParts(
  parts: readonly PlannedPart[],
  files: readonly ArchiveFile[],
  { records, parts: many }: GroupLimits = GROUP_LIMITS,
): PartGroup[] {
  const groups: (PartGroup & { readonly parts: PlannedPart[]; readonly held: number })[] = [];
  for (const part of parts) {
    const held = recordsAbout(files, part);
    const last = groups.at(-1);
    const follows = last?.widthMs === part.widthMs && last.to === part.from && isFolded(last) && isFolded(part);
    if (last !== undefined && follows && last.parts.length < many && last.held + held <= records)
      groups[groups.length - 1] = {
        ...{ ...last, to: part.to, parts: [...last.parts, part], held: last.held + held },
        sources: [{ kind: 'archive', from: last.from, to: part.to }],
      };
    else groups.push({ ...part, parts: [part], held });
  }
  return groups;
}

/** Records of files in a stretch of event time, were they spread evenly over the time that their file spans. */
export function recordsAbout(
  files: readonly ArchiveFile[],
  { from, to }: { readonly from: number; readonly to: number },
): number {
  let sum = 0;
  for (const { minEventTime, maxEventTime, records } of files) {
    if (minEventTime === null || maxEventTime === null) continue;
    const shared = Math.min(to, maxEventTime + 1) - Math.max(from, minEventTime);
    if (shared > 0) sum += (records * shared) / (maxEventTime + 1 - minEventTime);
  }
  return sum;
}
