import { correctionFolder, type ArchiveFile, type ColumnArchive } from '@twofold/archive';
import { createDecoder, type Stream } from '@twofold/schemas';
import type { LoadedList } from './load-list.ts';

type Shelves = Pick<ColumnArchive, 'corrections' | 'fingerprintOf' | 'read' | 'create'>;

/**
 * A list as this version of the stream reads it (E9): of each file of added rows that another version wrote, one beside it
 * takes its place, made once of the rows' original bytes. A row that this version does not take is rejected there, and
 * counts no more. The files that were there stay as they are.
 */
export async function addedByVersion(
  list: LoadedList,
  stream: Stream,
  archive: Shelves,
  signal: AbortSignal,
): Promise<LoadedList> {
  const added: LoadedList['overlay']['added'][number][] = [];
  for (const one of list.overlay.added)
    added.push({ ...one, file: await readByVersion(one.file, one.rows, stream, archive, signal) });
  return { ...list, overlay: { ...list.overlay, added } };
}

async function readByVersion(
  file: ArchiveFile,
  rows: number,
  stream: Stream,
  archive: Shelves,
  signal: AbortSignal,
): Promise<ArchiveFile> {
  if ((await archive.fingerprintOf(stream.name, file)) === stream.fingerprint) return file;
  const shelf = archive.corrections(stream.name);
  const document = `added-${file.sha256}-${stream.fingerprint}.json`;
  const known = await shelf.getDocument(document);
  if (known === null) {
    const made = await derivedFile(file, rows, stream, archive, signal);
    // Of two at once the first stays; both hold the same rows.
    await shelf.putDocument(document, new TextEncoder().encode(JSON.stringify(made)));
  }
  const bytes = known ?? (await shelf.getDocument(document));
  return JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array(0))) as ArchiveFile;
}

/** Durable when it resolves (E12). */
async function derivedFile(
  file: ArchiveFile,
  rows: number,
  stream: Stream,
  archive: Shelves,
  signal: AbortSignal,
): Promise<ArchiveFile> {
  const writer = archive.create({ ...stream, name: correctionFolder(stream.name) }, 0, 0);
  const decoder = createDecoder(stream);
  for (let at = 0; at < rows;) {
    const batch = await archive.read(stream, file, at, rows);
    const columns = decoder.decode(batch);
    writer.append(batch, columns, 0, columns.count, batch.nextOffset);
    if (batch.nextOffset <= at) break;
    at = batch.nextOffset;
  }
  return writer.finish(signal);
}
