import { isOvertaken } from '@twofold/corrections';
import type { ArchiveFault } from './archive.ts';
import { emptyState } from './archive-change.ts';
import type { ColumnArchive } from './archived-columns.ts';
import { sha256 } from './content-hash.ts';
import { blanksName } from './blank-positions.ts';
import { correctionFolder } from './correction-link.ts';
import { targetsName, type StoredCorrection } from './correction-shelf.ts';
import { ArchiveError } from './errors.ts';

/** Compares the chain of a stream's corrections, their targets and their rows with what was written. Names; never mends. */
export async function* verifyCorrections(
  archive: Pick<ColumnArchive, 'corrections' | 'checkFile' | 'head'>,
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
  const { redactions } = await archive.head(stream).catch(() => emptyState(stream));
  const inEffect = redactions.flatMap((number) => list[number]?.erases?.added ?? []);
  const rewritten = new Map(inEffect.map((each) => [each.number, each.file]));
  for (const correction of list) {
    const { id, number, added, targets, erases } = correction;
    // Rows of one that was overtaken by a redaction are removed.
    const file = isOvertaken(correction, redactions) ? null : (rewritten.get(number) ?? added?.file ?? null);
    const fault = file === null ? null : await archive.checkFile(stream, file);
    if (fault !== null) yield fault;
    const documents = [
      ...(targets === null ? [] : [{ name: targetsName(targets.sha256), hash: targets.sha256 }]),
      ...(erases === undefined ? [] : [{ name: blanksName(erases.blanks), hash: erases.blanks }]),
    ];
    for (const { name, hash } of documents) {
      const bytes = await shelf.getDocument(name);
      if (bytes !== null && sha256(bytes) === hash) continue;
      yield {
        ...about,
        code: bytes === null ? 'FILE_MISSING' : 'FILE_DAMAGED',
        name: `${correctionFolder(stream)}/documents/${name}`,
        detail: `what correction ${id} hits is not what was written; put the file back from a backup`,
      };
    }
  }
}
