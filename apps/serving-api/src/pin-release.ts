import { entryOf, releaseOf, type ControlRow, type Entry, type Release, type StreamState } from '@twofold/releases';
import type { View } from '@twofold/views';
import { ReadError } from './errors.ts';

/** What one request reads from beginning to end. */
export interface Pin {
  readonly row: ControlRow;
  readonly release: Release;
  readonly entry: Entry;
  readonly stream: StreamState;
}

/**
 * One release for the whole request (E16): the asked one, else live.
 * @throws VIEW_NOT_READY, RELEASE_EXPIRED
 */
export function pinRelease(row: ControlRow | null, view: View, asked: string | null): Pin {
  const stream = row?.streams[view.stream.name];
  if (row === null || stream === undefined) throw notReady(view.name);
  const release = releaseOf(row, asked ?? row.live);
  if (release === null) throw expired(`release ${asked ?? row.live} is no longer readable`);
  const entry = entryOf(row, release, view.name);
  if (entry === null && release.entries[view.name] !== undefined)
    throw expired(`release ${release.id} is no longer readable for view ${view.name}`);
  if (entry === null || entry.version !== view.version) throw notReady(view.name);
  return { row, release, entry, stream };
}

/**
 * The second read of the control row: what was read may have been deleted meanwhile, unless the release still is there.
 * @throws RELEASE_EXPIRED
 */
export function checkStillPinned(pin: Pin, after: ControlRow | null): void {
  const same = after !== null && after.incarnation === pin.row.incarnation;
  const named = same && releaseOf(after, pin.release.id)?.entries[pin.entry.view] === pin.entry.id;
  if (named && after.entries[pin.entry.id] !== undefined) return;
  throw new ReadError('RELEASE_EXPIRED', `release ${pin.release.id} was dropped while it was read; ask again`, {
    retryable: true,
  });
}

function expired(what: string): ReadError {
  return new ReadError('RELEASE_EXPIRED', `${what}; ask again without the cursor`);
}

function notReady(view: string): ReadError {
  return new ReadError(
    'VIEW_NOT_READY',
    `view ${view} has no release yet: it is registered, and its first build has not been promoted. 'twofold runs' shows how far it is.`,
    { retryable: true },
  );
}
