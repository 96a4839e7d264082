import { knowsVersion, type ControlRow, type Entry, type StreamState } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { SpeedError } from './errors.ts';

/** The stream that the project was registered with is the one this program folds, and so is its log (E4, E7). */
export function checkStream(state: StreamState, stream: Stream, identity: string): void {
  if (state.logIdentity !== identity)
    throw new SpeedError(
      'LOG_REPLACED',
      `stream ${stream.name}: the log is ${identity}, the project was registered with ${state.logIdentity}. The topic was deleted and created again; nothing of it is folded into the old views. Restore the log, or register a new project.`,
    );
  if (state.sliceSize !== stream.sliceSize || !knowsVersion(state, stream))
    throw new SpeedError(
      'STREAM_DIFFERS',
      `stream ${stream.name} version ${stream.version} is declared otherwise than it was registered (fingerprint ${stream.fingerprint}; registered version ${state.version}, fingerprint ${state.fingerprint}); nothing of it is folded. A higher version is registered by the batch layer, and folded from then on. Of the same version put the declaration back, or raise the version.`,
    );
}

/**
 * The view that a release was built by is the one that this program would fold: a lane is named by view and version
 * only, and rows of two meanings would be added up to one answer (E4).
 */
export function checkView(row: ControlRow, view: View): void {
  const built = builtOtherwise(row, view);
  if (built === null) return;
  throw new SpeedError(
    'VIEW_DIFFERS',
    `view ${view.name} version ${view.version} is declared otherwise in this program (fingerprint ${view.fingerprint}) than it was built (${built.fingerprint}); nothing is folded by it. Deploy the declaration that it was built by, or raise the view's version: the new one is built beside the old.`,
    { facts: { view: view.name, version: view.version, declared: view.fingerprint, built: built.fingerprint } },
  );
}

/** An entry of the same view version with another fingerprint; null when there is none. */
export function builtOtherwise(row: ControlRow, { name, version, fingerprint }: View): Entry | null {
  const differs = (entry: Entry): boolean =>
    entry.view === name && entry.version === version && entry.fingerprint !== fingerprint;
  return Object.values(row.entries).find(differs) ?? null;
}
