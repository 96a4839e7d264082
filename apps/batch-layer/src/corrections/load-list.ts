import type { ArchiveFile, ColumnArchive, StoredCorrection } from '@twofold/archive';
import { sha256, targetsName } from '@twofold/archive';
import { CorrectionError, decodeTargets, noOverlay, overlayOf, type Overlay, type Targets } from '@twofold/corrections';

/** The corrections that an entry names, and what they make of the archive. */
export interface LoadedList {
  readonly corrections: readonly StoredCorrection[];
  readonly overlay: Overlay<ArchiveFile>;
}

export const nothingCorrected: LoadedList = { corrections: [], overlay: noOverlay };

/** Throws CORRECTION_UNKNOWN for an id that the archive does not have, CORRECTION_DAMAGED for targets that changed. */
export async function loadList(
  archive: Pick<ColumnArchive, 'corrections'>,
  stream: string,
  ids: readonly string[],
): Promise<LoadedList> {
  if (ids.length === 0) return nothingCorrected;
  const shelf = archive.corrections(stream);
  const all = new Map((await shelf.list()).map((correction) => [correction.id, correction]));
  const corrections = ids.map((id) => {
    const found = all.get(id);
    if (found !== undefined) return found;
    throw new CorrectionError(
      'CORRECTION_UNKNOWN',
      `Correction ${id} of stream ${stream} is in force, and the archive does not have it. Nothing is built without it; was another archive put in place? Restore ${stream}.corrections from a backup.`,
      { facts: { stream, id } },
    );
  });
  return { corrections, overlay: await loadOverlay(archive, stream, corrections) };
}

/** What such a list makes of the archive. Throws CORRECTION_DAMAGED. */
export async function loadOverlay(
  archive: Pick<ColumnArchive, 'corrections'>,
  stream: string,
  corrections: readonly StoredCorrection[],
): Promise<Overlay<ArchiveFile>> {
  const targets = new Map<string, Targets>();
  for (const { targets: named } of corrections)
    if (named !== null && !targets.has(named.sha256))
      targets.set(named.sha256, await loadTargets(archive, stream, named));
  return overlayOf(corrections, (of) => targets.get(of.targets?.sha256 ?? '') ?? []);
}

export async function loadTargets(
  archive: Pick<ColumnArchive, 'corrections'>,
  stream: string,
  named: { readonly sha256: string },
): Promise<Targets> {
  const bytes = await archive.corrections(stream).getDocument(targetsName(named.sha256));
  if (bytes !== null && sha256(bytes) === named.sha256) return decodeTargets(new TextDecoder().decode(bytes));
  throw new CorrectionError(
    'CORRECTION_DAMAGED',
    `The list of targets ${targetsName(named.sha256)} of stream ${stream} ${bytes === null ? 'is missing' : 'has other bytes than were written'}. Put it back from a backup; nothing is built without it.`,
    { facts: { stream } },
  );
}
