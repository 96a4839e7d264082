import { archivedEnd, derivedName, derivedStream, foreignEnds, type ArchiveState } from '@twofold/archive';
import { LogArchiver, type ArchiveOptions } from './archive-log.ts';
import type { BatchPorts, StreamTopic } from './ports.ts';

/**
 * Reads anew, from the original records, what another version of a stream has archived: classes and columns as this
 * version has them, in files of their own (E9). The files that are there are left as they are. It goes on where it was
 * left; several may do it at once: the chain decides who was first.
 * @param state the head of the stream's own chain
 */
export async function deriveVersion(
  { stream, topic }: StreamTopic,
  state: ArchiveState,
  origins: readonly number[],
  ports: Pick<BatchPorts, 'log' | 'archive' | 'clock' | 'logger'>,
  options: ArchiveOptions,
  signal: AbortSignal,
): Promise<void> {
  const ends = await foreignEnds(stream, state, ports.archive);
  if (ends.every((end, partition) => end === state.origins[partition])) return;
  const derived = await ports.archive.head(derivedName(stream));
  const missing = ends.map(
    (end, partition) => end - Math.max(origins[partition] ?? 0, archivedEnd(derived, partition)),
  );
  const positions = missing.reduce((sum, count) => sum + Math.max(0, count), 0);
  if (positions === 0) return;
  const facts = { stream: stream.name, version: stream.version, positions };
  ports.logger.info('archived records are read anew by a new version of their stream', facts);
  const archiver = new LogArchiver({ stream: derivedStream(stream), topic }, ports, options);
  try {
    await archiver.archiveUntilEnd(origins, signal, ends);
  } finally {
    await archiver.close();
  }
  ports.logger.info('archived records were read anew', facts);
}
