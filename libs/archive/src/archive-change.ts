import type { ArchiveFault, ArchiveFile, ArchiveState } from './archive.ts';
import { byPosition, findCoverageFault } from './coverage.ts';
import { ArchiveError } from './errors.ts';

/** What a commit does to a state. `origins` are all of them, old and new: partition growth appends. */
export interface ArchiveChange {
  readonly add: readonly ArchiveFile[];
  readonly remove?: readonly string[];
  readonly origins?: readonly number[];
  /** Those that come into effect; the state's stay. */
  readonly redactions?: readonly number[];
}

/** The state before the first manifest. */
export function emptyState(stream: string): ArchiveState {
  return { stream, number: -1, hash: '', origins: [], files: [], redactions: [] };
}

/**
 * Files, origins and redactions after a change. Throws COVERAGE_HOLE or COVERAGE_OVERLAP with partition and range, FILE_MISSING
 * when it removes a file that the state does not name, ORIGIN_CHANGED when an origin would move.
 */
export function applyChange(
  state: ArchiveState,
  change: ArchiveChange,
): Pick<ArchiveState, 'origins' | 'files' | 'redactions'> {
  const origins = change.origins ?? state.origins;
  state.origins.forEach((origin, partition) => {
    if (origins[partition] !== origin) throw originChanged(state.stream, partition, origin, origins[partition]);
  });
  const removed = new Set(change.remove ?? []);
  const kept = state.files.filter((file) => !removed.delete(file.name));
  for (const name of removed) {
    throw new ArchiveError(
      'FILE_MISSING',
      `${name} can not be removed: manifest ${state.number} of ${state.stream} does not name it.`,
      {
        facts: { stream: state.stream, name },
      },
    );
  }
  const files = [...kept, ...change.add].sort(byPosition);
  const fault = findCoverageFault(state.stream, origins, files);
  if (fault !== null) throw faultError(fault);
  const redactions = new Set([...state.redactions, ...(change.redactions ?? [])]);
  return { origins, files, redactions: [...redactions].sort((a, b) => a - b) };
}

/** A fault as an error with the same code: for those who must refuse rather than report. */
export function faultError(fault: ArchiveFault): ArchiveError {
  return new ArchiveError(fault.code, fault.detail, { facts: { ...fault } });
}

function originChanged(stream: string, partition: number, was: number, is: number | undefined): ArchiveError {
  return new ArchiveError(
    'ORIGIN_CHANGED',
    `Partition ${partition} of ${stream} has its origin at ${was}; it can not become ${is ?? 'unknown'}. Origins are only ever added.`,
    { facts: { stream, partition, was, is: is ?? null } },
  );
}
