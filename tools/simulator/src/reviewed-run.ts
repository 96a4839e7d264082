import {
  buildAndPromote,
  recomputeViews,
  reviewCandidate,
  type BatchPorts,
  type RecomputeOptions,
  type RecomputeResult,
} from '@twofold/batch-layer';
import { DEFAULT_RESTATEMENTS, type View } from '@twofold/views';
import type { World } from './world.ts';

/**
 * A run as the batch layer makes it: where gates are declared, a candidate is held against them before it is live; where
 * all changes are told, it is compared.
 */
export function reviewedRun(
  { project, observer, calm }: World,
  views: readonly View[],
  ports: BatchPorts,
  signal: AbortSignal,
  options: RecomputeOptions = {},
): Promise<RecomputeResult> {
  const { gates = [], restatements = DEFAULT_RESTATEMENTS } = project;
  const tellsAll = restatements === 'all';
  if (!tellsAll && (observer.gates.drawn === null || calm)) return recomputeViews(views, ports, signal, options);
  // Once nothing goes wrong any more everything is promoted, whatever gates say.
  const task = { gates: calm ? [] : gates, restatements, compare: false, correction: null, preview: false };
  return buildAndPromote(views, ports, signal, options, (built) => {
    if (tellsAll) observer.feed.compared.add(built.release);
    return reviewCandidate(built, task, ports, signal);
  });
}
