import {
  buildAndPromote,
  recomputeViews,
  reviewCandidate,
  type BatchPorts,
  type RecomputeOptions,
  type RecomputeResult,
} from '@twofold/batch-layer';
import type { View } from '@twofold/views';
import type { World } from './world.ts';

/** A run as the batch layer makes it: where gates are declared, a candidate is held against them before it is live. */
export function reviewedRun(
  { project, observer, calm }: World,
  views: readonly View[],
  ports: BatchPorts,
  signal: AbortSignal,
  options: RecomputeOptions = {},
): Promise<RecomputeResult> {
  const { gates = [], restatements = 'corrections' } = project;
  // Once nothing goes wrong any more everything is promoted, whatever gates say.
  if (observer.gates.drawn === null || calm) return recomputeViews(views, ports, signal, options);
  const task = { gates, restatements, compare: false, correction: null, preview: false };
  return buildAndPromote(views, ports, signal, options, (built) => reviewCandidate(built, task, ports, signal));
}
