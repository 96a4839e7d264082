import { cutAt } from '@twofold/releases';
import type { BuildIndex } from '@twofold/view-store';
import { buildParts } from '../build-parts.ts';
import type { Work } from '../plan-candidate.ts';
import { planBuild, surveyMs } from '../plan-build.ts';
import type { BatchPorts } from '../ports.ts';
import { checkedSources, sourceFiles } from '../source-files.ts';

/**
 * A new view version at the cut of the old one: what lies between the two cuts is folded without, the rest is the
 * candidate's. Beside it the old version shows what the code changed, and the candidate what came since.
 * @param candidate the new parts are its own, and go with it
 */
export async function buildAtOldCut(
  { work, after, candidate }: { readonly work: Work; readonly after: BuildIndex; readonly candidate: string },
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<BuildIndex> {
  const { view, entry, base, origins, state, checked } = work;
  const cut = origins.map((_, partition) => cutAt(base?.cut ?? [], partition, origins));
  const between = cut.map((from, partition) => ({ from, to: entry.cut[partition] ?? from }));
  const found = sourceFiles(ports.archive, state, between);
  const files = await checkedSources(found, state, view.stream, ports.archive, checked);
  const { buckets } = await ports.engine.survey({ view, files, bucketMs: surveyMs(view) }, signal);
  const plan = planBuild(view, buckets, after.parts, entry.watermark);
  const build = `${candidate}.before`;
  const task = { ...work, entry: { ...entry, cut }, plan, build, candidate: build };
  return (await buildParts(task, ports, signal)).index;
}
