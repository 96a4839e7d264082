import type { ArchiveFault } from './archive.ts';
import type { ColumnArchive } from './archived-columns.ts';
import { sha256 } from './content-hash.ts';
import { correctionFolder, targetsName, type StoredCorrection } from './correction-shelf.ts';
import { ArchiveError } from './errors.ts';

/** Compares the chain of a stream's corrections, their targets and their rows with what was written. Names; never mends. */
export async function* verifyCorrections(
  archive: Pick<ColumnArchive, 'corrections' | 'checkFile'>,
  stream: string,
): AsyncGenerator<ArchiveFault> {
  const shelf = archive.corrections(stream);
  const list: StoredCorrection[] = [];
  const about = { stream, partition: null, from: null, to: null };
  try {
    list.push(...(await shelf.list()));
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    const { name } = error.facts;
    const code = error.code === 'FORMAT_UNKNOWN' || error.code === 'MANIFEST_MISSING' ? error.code : 'MANIFEST_DAMAGED';
    yield { ...about, code, name: typeof name === 'string' ? name : correctionFolder(stream), detail: error.message };
  }
  for (const { id, added, targets } of list) {
    const fault = added === null ? null : await archive.checkFile(stream, added.file);
    if (fault !== null) yield fault;
    if (targets === null) continue;
    const bytes = await shelf.getDocument(targetsName(targets.sha256));
    if (bytes !== null && sha256(bytes) === targets.sha256) continue;
    yield {
      ...about,
      code: bytes === null ? 'FILE_MISSING' : 'FILE_DAMAGED',
      name: `${correctionFolder(stream)}/documents/${targetsName(targets.sha256)}`,
      detail: `the targets of correction ${id} are not what was written; put the file back from a backup`,
    };
  }
}
