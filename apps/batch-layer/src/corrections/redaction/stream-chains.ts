import { derivedStream, type ArchiveFile, type ColumnArchive } from '@twofold/archive';
import { CorrectionError } from '@twofold/corrections';
import type { ControlRow } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import { keptStream } from '../../review/kept-views.ts';

type Archive = Pick<ColumnArchive, 'corrections' | 'fingerprintOf' | 'head'>;

/** A chain of files that hold records of a stream: its own, or what was derived for one version of it (E9). */
export interface StreamChain {
  /** What its manifests and files are stored under. */
  readonly name: string;
  /** The declaration that a file of it was written by. Throws NOT_BUILT_YET when that is not known any more. */
  declaredBy(file: ArchiveFile): Promise<Stream>;
}

/** Every chain in which a record of the stream may stand, its own first. */
export async function chainsOf(stream: Stream, row: ControlRow, archive: Archive): Promise<StreamChain[]> {
  const { name } = stream;
  const known = new Map([[stream.fingerprint, stream]]);
  for (const { fingerprint } of row.streams[name]?.former ?? []) {
    const former = await keptStream(archive, name, fingerprint);
    if (former !== null) known.set(fingerprint, former);
  }
  const own: StreamChain = {
    name,
    declaredBy: async (file) => {
      const of = known.get(await archive.fingerprintOf(name, file));
      if (of !== undefined) return of;
      throw new CorrectionError(
        'NOT_BUILT_YET',
        `${file.name} of stream ${name} was archived by a version of its declaration that is not known any more: nobody can write the file anew. Nothing was erased.`,
      );
    },
  };
  const chains = [own];
  for (const version of known.values()) {
    const of = derivedStream(version);
    // Most versions have nothing derived: an empty chain is none.
    if ((await archive.head(of.name)).files.length > 0)
      chains.push({ name: of.name, declaredBy: () => Promise.resolve(of) });
  }
  return chains;
}

/** Is the declaration the newest there is? An older one reads records otherwise than they are served. Throws CORRECTION_INVALID. */
export function requireNewest({ name, version, fingerprint }: Stream, { streams }: ControlRow): void {
  const newest = streams[name];
  if (newest === undefined || newest.fingerprint === fingerprint) return;
  throw new CorrectionError(
    'CORRECTION_INVALID',
    `Stream ${name} has version ${newest.version} by now, and this program declares version ${version}: redact with the program that declares the newest. Nothing was erased.`,
  );
}
