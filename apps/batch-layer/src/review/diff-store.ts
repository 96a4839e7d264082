import type { ColumnArchive } from '@twofold/archive';
import type { ReleaseDiff } from '@twofold/corrections';
import { isCurrent } from '../corrections/plan-store.ts';

type Kept = Pick<ColumnArchive, 'corrections' | 'head'>;

/** Keeps what a release, or a candidate that was given up, changes in the views of one stream. */
export async function saveDiff(archive: Kept, stream: string, release: string, diff: ReleaseDiff): Promise<void> {
  await keepDocument(archive, stream, diffName(release), diff);
}

/** A document that shows what is in a stream; it is gone again when the stream was redacted since it was made. */
export async function keepDocument(
  archive: Kept,
  stream: string,
  name: string,
  document: { readonly redactions?: number },
): Promise<void> {
  const shelf = archive.corrections(stream);
  await shelf.putDocument(name, new TextEncoder().encode(JSON.stringify(document)));
  if (!(await isCurrent(archive, stream, document.redactions))) await shelf.removeDocument(name);
}

/** What a release, or a candidate that a gate stopped, changed, in views of all streams; null: nothing was compared. */
export async function loadDiff(
  archive: Kept,
  streams: readonly string[],
  release: string,
): Promise<ReleaseDiff | null> {
  if (!/^[0-9A-Za-z-]+$/.test(release)) return null;
  const found: ReleaseDiff[] = [];
  for (const stream of streams) {
    const bytes = await archive.corrections(stream).getDocument(diffName(release));
    if (bytes === null) continue;
    const diff = JSON.parse(new TextDecoder().decode(bytes)) as ReleaseDiff;
    if (await isCurrent(archive, stream, diff.redactions)) found.push(diff);
  }
  const [first] = found;
  if (first === undefined) return null;
  return { ...first, views: found.flatMap(({ views }) => views), gates: found.flatMap(({ gates }) => gates) };
}

function diffName(release: string): string {
  return `diff-${release}.json`;
}

/** Null: the document is no difference. */
export function releaseOfDiff(name: string): string | null {
  return /^diff-(.+)\.json$/.exec(name)?.[1] ?? null;
}
