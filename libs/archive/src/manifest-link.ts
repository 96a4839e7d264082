import type { ArchiveState } from './archive.ts';
import { applyChange, faultError } from './archive-change.ts';
import type { ArchiveChange } from './archive-change.ts';
import { sha256 } from './content-hash.ts';
import { findCoverageFault } from './coverage.ts';
import { ArchiveError } from './errors.ts';
import { damaged, manifestFormat, manifestName, redactedFormat } from './manifest.ts';
import type { Manifest } from './manifest.ts';

/** A full manifest is written at every multiple of this; opening a chain reads from the newest one. */
export const baseEvery = 64;

/** The manifest that follows from applying a change to a state. Throws as `applyChange`. */
export function nextManifest(
  state: ArchiveState,
  change: ArchiveChange,
): { manifest: Manifest; next: Omit<ArchiveState, 'hash'> } {
  const { origins, files, redactions } = applyChange(state, change);
  const number = state.number + 1;
  const base = number % baseEvery === 0;
  const manifest: Manifest = {
    format: redactions.length === 0 ? manifestFormat : redactedFormat,
    kind: base ? 'base' : 'delta',
    stream: state.stream,
    number,
    previous: state.number < 0 ? null : state.hash,
    origins,
    files: base ? files : change.add,
    removed: base ? [] : (change.remove ?? []),
    ...(redactions.length === 0 ? {} : { redactions }),
  };
  return { manifest, next: { stream: state.stream, number, origins, files, redactions } };
}

/** The state after a manifest that was read. Throws when the link, or what it says, can not be right. */
export function followManifest(before: ArchiveState | null, manifest: Manifest, bytes: Uint8Array): ArchiveState {
  const { stream, number } = manifest;
  const hash = sha256(bytes);
  if (before !== null && manifest.previous !== (before.number < 0 ? null : before.hash)) {
    throw damaged(
      stream,
      number,
      `it does not follow from manifest ${before.number}: another one was there when it was written`,
    );
  }
  if (manifest.kind === 'delta') {
    if (before === null) throw damaged(stream, number, 'a delta has no base to start from');
    const { files: add, removed: remove, origins, redactions = [] } = manifest;
    return { stream, number, hash, ...applyChange(before, { add, remove, origins, redactions }) };
  }
  const fault = findCoverageFault(stream, manifest.origins, manifest.files);
  if (fault !== null) throw faultError(fault);
  const { origins, files, redactions = [] } = manifest;
  return { stream, number, hash, origins, files, redactions };
}

/** The error for a link that must exist and does not. */
export function missing(stream: string, number: number): ArchiveError {
  const name = manifestName(stream, number);
  return new ArchiveError(
    'MANIFEST_MISSING',
    `${name} is missing, though manifests around it exist. Put it back from a backup; the archive of ${stream} is not used until then.`,
    { facts: { stream, name, number } },
  );
}

/** Is there a manifest 1, 2, 4, … places after `number`, up to `farthest`? If so, an absent `number` was lost. */
export async function existsAfter(
  number: number,
  farthest: number,
  get: (number: number) => Promise<Uint8Array | null>,
): Promise<boolean> {
  for (let step = 1; step <= farthest; step *= 2) if ((await get(number + step)) !== null) return true;
  return false;
}
