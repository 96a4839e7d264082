import type { Stream } from '@twofold/schemas';
import type { ArchiveFault, ArchiveFile } from './archive.ts';
import { ArchiveError } from './errors.ts';

/** What a stored file is, against what its manifest says. `found` is null when there is no such file. */
export function compareFile(
  stream: string,
  file: ArchiveFile,
  found: { readonly byteLength: number; readonly sha256: string } | null,
): ArchiveFault | null {
  const { name, partition, from, to } = file;
  const place = `It holds the positions ${from} to ${to} of partition ${partition} of ${stream}`;
  if (found === null) {
    return {
      code: 'FILE_MISSING',
      stream,
      name,
      partition,
      from,
      to,
      detail: `${name} is missing. ${place}: put it back from a backup, or archive that range again.`,
    };
  }
  if (found.byteLength === file.byteLength && found.sha256 === file.sha256) return null;
  const why =
    found.byteLength === file.byteLength
      ? 'its SHA-256 is not the one in the manifest'
      : `it has ${found.byteLength} bytes, and the manifest says ${file.byteLength}`;
  return {
    code: 'FILE_DAMAGED',
    stream,
    name,
    partition,
    from,
    to,
    detail: `${name} is damaged: ${why}. ${place}: put it back from a backup, or archive that range again.`,
  };
}

/** Throws STREAM_CHANGED unless the file's columns and classes are of this stream version (E9). */
export function assertSameVersion(stream: Stream, file: ArchiveFile, fingerprint: string): void {
  if (fingerprint === stream.fingerprint) return;
  throw new ArchiveError(
    'STREAM_CHANGED',
    `${file.name} has the columns of stream version ${fingerprint}, not of ${stream.fingerprint}. Its original records can be read; its columns have to be derived again.`,
    { facts: { stream: stream.name, name: file.name, was: fingerprint, is: stream.fingerprint } },
  );
}
