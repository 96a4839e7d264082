import { parseFrozen, type BuildIndex, type PartChunk, type Parts } from '@twofold/view-store';
import type { Access } from './access.ts';
import { damagedRow } from './damage.ts';
import { packedCopy } from './packed-copy.ts';
import { bytesIn, numberIn, textIn, type StoredRow } from './reads/column.ts';
import { rowChecksum } from './row-checksum.ts';
import { partState } from './writes/part-writes.ts';

/** Chunks that one transaction frees, so that writers do not wait long. */
const FREE_CHUNKS = 64;
/** Ids of removed parts and builds that one transaction forgets. */
const FORGET_IDS = 1_000;

export function embeddedParts(access: Access): Parts {
  const { reader, write } = access;
  return {
    ...partReads(access),
    writeChunks: async (part, chunks, signal) => {
      reader.enter(signal);
      const { buffer, views } = packedCopy(chunks.flatMap((chunk) => [chunk.firstKey, chunk.bytes]));
      const copies = chunks.map((chunk, i) => withBytes(chunk, views[2 * i], views[2 * i + 1]));
      await write({ kind: 'chunks', part, chunks: copies }, [buffer]);
    },
    writeIndex: async (index) => {
      await write({ kind: 'index', build: index.build, body: JSON.stringify(index) });
    },
    remove: async ({ parts, builds }) => {
      await write({ kind: 'removeParts', parts: [...parts], builds: [...builds] });
      await freeRemoved(write);
    },
    forgetRemoved: async (below) => {
      let forgotten = 0;
      for (let some = FORGET_IDS; some === FORGET_IDS; forgotten += some)
        some = Number(await write({ kind: 'forgetRemoved', below, limit: FORGET_IDS }));
      return forgotten;
    },
  };
}

/** Deletes the chunks of removed parts, also those that a removal which was cut short has left. */
export async function freeRemoved(write: Access['write']): Promise<void> {
  while (Number(await write({ kind: 'freeChunks', limit: FREE_CHUNKS })) > 0);
}

function partReads({ reader }: Access): Pick<Parts, 'directory' | 'chunk' | 'index' | 'list'> {
  const { project } = reader;
  const there = `EXISTS (SELECT 1 FROM parts WHERE project = ?1 AND part = ?2 AND state = ${partState.there})`;
  const directoryOf = reader.prepare(`
    SELECT number, rows, sha256, first_key, first_pane FROM chunks
    WHERE project = ?1 AND part = ?2 AND ${there} ORDER BY number`);
  const chunkOf = reader.prepare(
    `SELECT crc, bytes FROM chunks WHERE project = ?1 AND part = ?2 AND number = ?3 AND ${there}`,
  );
  const indexOf = reader.prepare('SELECT body FROM builds WHERE project = ? AND build = ? AND body IS NOT NULL');
  const partIds = reader.prepare(`SELECT part FROM parts WHERE project = ? AND state = ${partState.there}`);
  const buildIds = reader.prepare('SELECT build FROM builds WHERE project = ? AND body IS NOT NULL');
  return {
    directory: async (part) => reader.read(() => directoryOf.all(project, part).map(entryOf)),
    chunk: async (part, number) =>
      reader.read(() => {
        const row = chunkOf.get(project, part, number);
        return row === undefined ? null : checkedBytes(part, number, row);
      }),
    index: async (build) =>
      reader.read(() => {
        const row = indexOf.get(project, build);
        return row === undefined ? null : parseFrozen<BuildIndex>(textIn(row, 'body'));
      }),
    list: async () =>
      reader.read(() => ({
        parts: partIds.all(project).map((row) => textIn(row, 'part')),
        builds: buildIds.all(project).map((row) => textIn(row, 'build')),
      })),
  };
}

function withBytes(chunk: PartChunk, firstKey = chunk.firstKey, bytes = chunk.bytes): PartChunk {
  const { number, rows, sha256, firstPane } = chunk;
  return { number, rows, sha256, firstKey, firstPane, bytes };
}

function entryOf(row: StoredRow): Omit<PartChunk, 'bytes'> {
  return {
    number: numberIn(row, 'number'),
    rows: numberIn(row, 'rows'),
    sha256: textIn(row, 'sha256'),
    firstKey: bytesIn(row, 'first_key'),
    firstPane: numberIn(row, 'first_pane'),
  };
}

function checkedBytes(part: string, number: number, row: StoredRow): Uint8Array {
  const bytes = bytesIn(row, 'bytes');
  if (rowChecksum([part, number], bytes) !== numberIn(row, 'crc')) throw damagedRow('chunks', [part, number]);
  return bytes;
}
