import type { BlankRecords } from '@twofold/schemas';
import type { ArchiveState } from './archive.ts';
import type { ColumnArchive } from './archived-columns.ts';
import { blanksName, decodeBlanks } from './blank-positions.ts';
import { sha256 } from './content-hash.ts';
import { ArchiveError } from './errors.ts';

/** What the redactions of a state have erased, by partition. */
export type LoadedBlanks = ReadonlyMap<number, readonly BlankRecords[]>;

const nothing: LoadedBlanks = new Map();

/** Gives what a state's redactions have erased, and reads each stream's documents once. Throws FILE_MISSING, FILE_DAMAGED. */
export function createBlankLoader(
  archive: Pick<ColumnArchive, 'corrections'>,
): (state: Pick<ArchiveState, 'stream' | 'redactions'>) => Promise<LoadedBlanks> {
  const known = new Map<string, { readonly redactions: string; readonly blanks: LoadedBlanks }>();
  return async ({ stream, redactions }) => {
    if (redactions.length === 0) return nothing;
    const named = redactions.join();
    const found = known.get(stream);
    if (found?.redactions === named) return found.blanks;
    const blanks = await loadBlanks(archive, stream, redactions);
    known.set(stream, { redactions: named, blanks });
    return blanks;
  };
}

async function loadBlanks(
  archive: Pick<ColumnArchive, 'corrections'>,
  stream: string,
  redactions: readonly number[],
): Promise<LoadedBlanks> {
  const shelf = archive.corrections(stream);
  const list = await shelf.list();
  const blanks = new Map<number, BlankRecords[]>();
  for (const number of redactions) {
    const hash = list[number]?.erases?.blanks;
    const bytes = hash === undefined ? null : await shelf.getDocument(blanksName(hash));
    if (hash === undefined || bytes === null || sha256(bytes) !== hash)
      throw new ArchiveError(
        bytes === null ? 'FILE_MISSING' : 'FILE_DAMAGED',
        `What redaction ${number} of stream ${stream} erased is not known: its document is not what was written. Put it back from a backup; nothing is read until then.`,
        { facts: { stream, number } },
      );
    for (const [partition, records] of decodeBlanks(bytes))
      blanks.set(partition, [...(blanks.get(partition) ?? []), records]);
  }
  return blanks;
}
