import type { ArchiveState, RemovableBlobs } from './archive.ts';
import type { ColumnArchive, StoredFile } from './archived-columns.ts';
import { assertRemovable, parseFileName, partitionFolder, unfinishedFolder } from './file-name.ts';

/** The half of an archive that is for collection only; the same for every kind of file. */
export function storedFiles(
  blobs: Pick<RemovableBlobs, 'list' | 'remove'>,
  head: (stream: string) => Promise<ArchiveState>,
): Pick<ColumnArchive, 'listStored' | 'removeStored'> {
  return {
    async listStored(stream) {
      const files: StoredFile[] = [];
      // Before a partition's origin is in the chain, nothing of it is written.
      for (const partition of (await head(stream)).origins.keys())
        for (const name of await blobs.list(partitionFolder(stream, partition))) {
          const file = parseFileName(name);
          if (file !== null) files.push(file);
        }
      return { files, unfinished: await blobs.list(unfinishedFolder) };
    },
    async removeStored(names) {
      names.forEach(assertRemovable);
      for (const name of names) await blobs.remove(name);
    },
  };
}
