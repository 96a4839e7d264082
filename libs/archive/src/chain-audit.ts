import type { ArchiveFault, ArchiveState } from './archive.ts';
import { emptyState } from './archive-change.ts';
import { ArchiveError } from './errors.ts';
import { baseEvery, existsAfter, followManifest, missing } from './manifest-link.ts';
import { decodeManifest, manifestFault, manifestName } from './manifest.ts';

/**
 * Walks a whole chain from number 0. After a bad link the walk goes on at the next base, so that one report names
 * every fault that can be told apart. The state is the newest one that could be read.
 */
export async function auditChain(
  stream: string,
  get: (number: number) => Promise<Uint8Array | null>,
  signal?: AbortSignal,
): Promise<{ faults: ArchiveFault[]; state: ArchiveState }> {
  const faults: ArchiveFault[] = [];
  let newest = emptyState(stream);
  // Null after a fault: until the next base nothing can be said about what links add up to.
  let state: ArchiveState | null = newest;
  for (let number = 0; ; number++) {
    signal?.throwIfAborted();
    const bytes = await get(number);
    if (bytes === null) {
      if (!(await existsAfter(number, baseEvery, get))) return { faults, state: newest };
      faults.push(manifestFault(stream, number, missing(stream, number)));
      state = null;
      continue;
    }
    try {
      const manifest = decodeManifest(stream, number, bytes);
      if (state !== null || manifest.kind === 'base') {
        state = followManifest(state, manifest, bytes);
        newest = state;
      }
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      faults.push(auditFault(stream, number, error));
      state = null;
    }
  }
}

/** A coverage error keeps its partition and range; everything else is a fault of the manifest itself. */
function auditFault(stream: string, number: number, error: ArchiveError): ArchiveFault {
  if (error.code !== 'COVERAGE_HOLE' && error.code !== 'COVERAGE_OVERLAP') return manifestFault(stream, number, error);
  const whole = (fact: string): number | null => {
    const value = error.facts[fact];
    return typeof value === 'number' ? value : null;
  };
  return {
    code: error.code,
    stream,
    name: manifestName(stream, number),
    partition: whole('partition'),
    from: whole('from'),
    to: whole('to'),
    detail: error.message,
  };
}
