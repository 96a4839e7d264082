import type { ColumnArchive } from '@twofold/archive';
import type { Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { isDeepStrictEqual } from 'node:util';

type Shelves = Pick<ColumnArchive, 'corrections'>;

/**
 * Keeps a view's declaration beside the archive: builds of it can still be read when the project declares another
 * version. Kept once; a declaration that JSON would change, as one with a reducer of its own, is
 * not kept, and its builds can not be compared then.
 */
export async function keepView(archive: Shelves, view: View): Promise<void> {
  const text = JSON.stringify(view);
  if (!isDeepStrictEqual(JSON.parse(text), view)) return;
  await archive.corrections(view.stream.name).putDocument(viewName(view), new TextEncoder().encode(text));
}

/** Null: it was built before declarations were kept. */
export async function keptView(
  archive: Shelves,
  of: { readonly view: string; readonly fingerprint: string; readonly stream: string },
): Promise<View | null> {
  const bytes = await archive
    .corrections(of.stream)
    .getDocument(viewName({ name: of.view, fingerprint: of.fingerprint }));
  return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as View);
}

/** A former version of a stream, as a view that was built over it declared it; null: no such view was kept. */
export async function keptStream(archive: Shelves, name: string, fingerprint: string): Promise<Stream | null> {
  const shelf = archive.corrections(name);
  for (const document of await shelf.listDocuments()) {
    const bytes = document.startsWith('view-') ? await shelf.getDocument(document) : null;
    if (bytes === null) continue;
    const { stream } = JSON.parse(new TextDecoder().decode(bytes)) as View;
    if (stream.fingerprint === fingerprint) return stream;
  }
  return null;
}

function viewName({ name, fingerprint }: Pick<View, 'name' | 'fingerprint'>): string {
  return `view-${name}-${fingerprint}.json`;
}
