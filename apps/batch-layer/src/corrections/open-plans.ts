import { targetsName, type ColumnArchive } from '@twofold/archive';
import { decodeTargets, sizeOf, unionOf, type PlanConflict, type Targets } from '@twofold/corrections';
import { sameList } from '@twofold/releases';
import { isCurrent, planOfDocument } from './plan-store.ts';

/** The newest plans of a stream that are looked at. */
const LOOKED_AT = 50;

/**
 * Other plans on the same base that hit some of the same events: whichever is applied first, the others have to be planned
 * again. One that was looked at or stopped by a gate is among them, and none that is in force: its base is an older one. For people who plan beside one another; applying does not rest on it.
 */
export async function openPlans(
  { stream, base, targets }: { readonly stream: string; readonly base: readonly string[]; readonly targets: Targets },
  archive: Pick<ColumnArchive, 'corrections' | 'head'>,
): Promise<PlanConflict[]> {
  if (targets.length === 0) return [];
  const shelf = archive.corrections(stream);
  const names = (await shelf.listDocuments()).filter((name) => name.startsWith('plan-')).sort();
  const found: PlanConflict[] = [];
  for (const name of names.slice(-LOOKED_AT).reverse()) {
    const bytes = await shelf.getDocument(name);
    // A redaction may remove it meanwhile; whoever applies it is told if it is not what it was.
    const plan = bytes === null ? null : planOfDocument(bytes);
    if (plan === null || plan.kind === 'redact' || plan.targets === null) continue;
    if (!sameList(plan.base, base)) continue;
    if (!(await isCurrent(archive, stream, plan.redactions))) continue;
    const sharedEvents = await sharedWith(plan.targets.sha256, targets, shelf);
    const { id, kind, author, plannedAt, asked } = plan;
    if (sharedEvents > 0) found.push({ plan: id, kind, author, plannedAt, asked, sharedEvents });
  }
  return found;
}

async function sharedWith(
  hash: string,
  targets: Targets,
  shelf: ReturnType<ColumnArchive['corrections']>,
): Promise<number> {
  const bytes = await shelf.getDocument(targetsName(hash));
  if (bytes === null) return 0;
  const others = new Map(decodeTargets(new TextDecoder().decode(bytes)).map(({ source, runs }) => [source, runs]));
  return targets.reduce((sum, { source, runs }) => {
    const other = others.get(source) ?? [];
    return sum + sizeOf(runs) + sizeOf(other) - sizeOf(unionOf([runs, other]));
  }, 0);
}
