import type { ColumnArchive } from '@twofold/archive';
import type { ReleaseDiff } from '@twofold/corrections';
import { isCurrent } from './plan-store.ts';

type Kept = Pick<ColumnArchive, 'corrections' | 'head'>;

/** Keeps what a release, or a candidate that was given up, changes. */
export async function saveDiff(archive: Kept, stream: string, release: string, diff: ReleaseDiff): Promise<void> {
  const shelf = archive.corrections(stream);
  await shelf.putDocument(diffName(release), new TextEncoder().encode(JSON.stringify(diff)));
  if (!(await isCurrent(archive, stream, diff.redactions))) await shelf.removeDocument(diffName(release));
}

/** What a release, or a candidate that a gate stopped, changed; null: it came from no correction. */
export async function loadDiff(
  archive: Kept,
  streams: readonly string[],
  release: string,
): Promise<ReleaseDiff | null> {
  if (!/^[0-9A-Za-z-]+$/.test(release)) return null;
  for (const stream of streams) {
    const bytes = await archive.corrections(stream).getDocument(diffName(release));
    if (bytes === null) continue;
    const diff = JSON.parse(new TextDecoder().decode(bytes)) as ReleaseDiff;
    return (await isCurrent(archive, stream, diff.redactions)) ? diff : null;
  }
  return null;
}

function diffName(release: string): string {
  return `diff-${release}.json`;
}
