import type { BuildIndex } from '@twofold/view-store';
import { BatchError } from './errors.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';
import { buildParts, type BuildResult, type BuildTask } from './build-parts.ts';

/** Folds the fresh parts, writes them, reads them back, and names them all in an index (E14, E15). */
export async function buildView(task: BuildTask, ports: BatchPorts, signal: AbortSignal): Promise<BuildResult> {
  const built = await buildParts(task, ports, signal);
  const { index } = built;
  await patiently(ports.clock, () => ports.store.parts.writeIndex(index), signal);
  await verifyIndex(index, ports, signal);
  return built;
}

async function verifyIndex(index: BuildIndex, ports: BatchPorts, signal: AbortSignal): Promise<void> {
  const stored = await patiently(ports.clock, () => ports.store.parts.index(index.build), signal);
  if (stored === null || JSON.stringify(stored.parts) !== JSON.stringify(index.parts))
    throw new BatchError(
      'PART_DAMAGED',
      `the index of build ${index.build} reads back otherwise than it was written; the candidate is given up`,
      { retryable: true },
    );
}
