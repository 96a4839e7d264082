import type { ControlRow, Entry, StreamState } from '@twofold/releases';
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
  if (state.sliceSize !== stream.sliceSize || state.fingerprint !== stream.fingerprint)
    throw new SpeedError(
      'STREAM_DIFFERS',
      `stream ${stream.name} is declared otherwise than it was registered (fingerprint ${stream.fingerprint}, registered ${state.fingerprint}); nothing of it is folded into views of the old declaration. Put the declaration back, or declare the change as a stream of another name.`,
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
