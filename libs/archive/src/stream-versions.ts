import type { Stream } from '@twofold/schemas';
import { archivedEnd, type ArchiveState } from './archive.ts';
import type { ColumnArchive } from './archived-columns.ts';

/*
 * E9: a stream's files keep the original records and, beside them, the classes and typed columns that the version which
 * archived them gave them. What another version wrote is read anew from the original records into files of its own, in a
 * chain of its own; the files that were there stay as they are, and go on serving the version that they are of.
 */

/** The chain of what was derived for one version of a stream. No stream is called so: names have no dots. */
export function derivedName({ name, fingerprint }: Pick<Stream, 'name' | 'fingerprint'>): string {
  return `${name}.${fingerprint}`;
}

/** The stream as its derived files are written under. */
export function derivedStream(stream: Stream): Stream {
  return { ...stream, name: derivedName(stream) };
}

/** Is it the chain of derived files? They hold no records of their own but rejected ones. */
export function isDerived(name: string): boolean {
  return /^[^.]+\.[0-9a-f]{16}$/.test(name);
}

/** By partition: below it stands a file that another version of the stream archived. Its origin: there is none. */
export async function foreignEnds(
  stream: Stream,
  state: ArchiveState,
  archive: Pick<ColumnArchive, 'fingerprintOf'>,
): Promise<number[]> {
  const ends = [...state.origins];
  for (const file of state.files) {
    const fingerprint = file.fingerprint ?? (await archive.fingerprintOf(stream.name, file));
    if (fingerprint !== stream.fingerprint) ends[file.partition] = Math.max(ends[file.partition] ?? 0, file.to);
  }
  return ends;
}

/**
 * The archive as a version of a stream has it: what was derived for it, and above that the files that it archived
 * itself. Where less was derived than has to be, the partition ends there.
 */
export async function versionState(
  stream: Stream,
  archive: Pick<ColumnArchive, 'head' | 'fingerprintOf'>,
): Promise<ArchiveState> {
  const base = await archive.head(stream.name);
  const ends = await foreignEnds(stream, base, archive);
  if (ends.every((end, partition) => end === base.origins[partition])) return base;
  const derived = await archive.head(derivedName(stream));
  const files = base.origins.flatMap((origin, partition) => {
    const of = (state: ArchiveState) => state.files.filter((file) => file.partition === partition);
    const end = ends[partition] ?? origin;
    if (end === origin) return of(base);
    const reached = Math.max(origin, archivedEnd(derived, partition));
    return [...of(derived), ...(reached < end ? [] : of(base).filter(({ from }) => from >= reached))];
  });
  return { ...base, files };
}
