import type { ColumnArchive } from '@twofold/archive';
import type { ReleaseDiff } from '@twofold/corrections';

type Shelves = Pick<ColumnArchive, 'corrections'>;

/** Keeps what a release, or a candidate that was given up, changes. */
export async function saveDiff(archive: Shelves, stream: string, release: string, diff: ReleaseDiff): Promise<void> {
  await archive.corrections(stream).putDocument(diffName(release), new TextEncoder().encode(JSON.stringify(diff)));
}

/** What a release, or a candidate that a gate stopped, changed; null: it came from no correction. */
export async function loadDiff(
  archive: Shelves,
  streams: readonly string[],
  release: string,
): Promise<ReleaseDiff | null> {
  if (!/^[0-9A-Za-z-]+$/.test(release)) return null;
  for (const stream of streams) {
    const bytes = await archive.corrections(stream).getDocument(diffName(release));
    if (bytes !== null) return JSON.parse(new TextDecoder().decode(bytes)) as ReleaseDiff;
  }
  return null;
}

function diffName(release: string): string {
  return `diff-${release}.json`;
}
