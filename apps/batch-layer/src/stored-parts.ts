import { createHash } from 'node:crypto';
import type { PartChunk, PartEntry } from '@twofold/view-store';
import type { Accumulator, Piece } from '@twofold/views';
import { BatchError } from './errors.ts';
import type { PartPlace, PartSource } from './part-sources.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';

/** Chunks written in one call. */
const CHUNKS_PER_WRITE = 64;

/** Writes a part and reads it back. */
export async function writePart(
  part: string,
  { widthMs, from, to }: PartPlace,
  pieces: readonly Piece[],
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<PartEntry> {
  const chunks = pieces.map((piece, number) => ({ number, ...piece, sha256: sha256(piece.bytes) }));
  for (let at = 0; at < chunks.length; at += CHUNKS_PER_WRITE) {
    const some = chunks.slice(at, at + CHUNKS_PER_WRITE);
    await patiently(ports.clock, () => ports.store.parts.writeChunks(part, some, signal), signal);
  }
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const entry = { part, widthMs, from, to, rows, sha256: partHash(chunks), chunks: chunks.length };
  await readPart(entry, ports, signal);
  return entry;
}

/**
 * Adds those panes of a stored part that the source has of it.
 * @throws PART_DAMAGED when it is not as its index says; what was read of it until then is added
 */
export async function addStored(
  accumulator: Accumulator,
  part: PartEntry,
  source: Exclude<PartSource, { kind: 'archive' }>,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<void> {
  const { from, to } = source;
  await readPart(part, ports, signal, (bytes) => {
    if (source.kind === 'view') accumulator.addChunkOf(source.projection, bytes, source);
    else accumulator.addChunk(bytes, { paneFrom: from, paneBelow: to });
  });
}

/** Reads a part from the store, chunk by chunk: count and hash must be what was written. */
async function readPart(
  part: PartEntry,
  ports: BatchPorts,
  signal: AbortSignal,
  use: (bytes: Uint8Array) => void = () => undefined,
): Promise<void> {
  const directory = await patiently(ports.clock, () => ports.store.parts.directory(part.part), signal);
  for (const { number, sha256: expected } of directory) {
    const bytes = await patiently(ports.clock, () => ports.store.parts.chunk(part.part, number), signal);
    if (bytes === null || sha256(bytes) !== expected)
      throw damaged(part, `chunk ${number} ${bytes === null ? 'is not there' : 'has other bytes'}`);
    use(bytes);
  }
  if (directory.length !== part.chunks || partHash(directory) !== part.sha256)
    throw damaged(part, `${directory.length} of ${part.chunks} chunks are there, or their hash differs`);
}

function damaged(part: PartEntry, what: string): BatchError {
  return new BatchError(
    'PART_DAMAGED',
    `part ${part.part}: ${what}. The candidate is given up, the served release stays; run again.`,
    { retryable: true },
  );
}

function partHash(chunks: readonly Pick<PartChunk, 'sha256'>[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk.sha256);
  return hash.digest('hex');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
