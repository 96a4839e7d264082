import {
  equalBytes,
  parseFrozen,
  writeConflict,
  type BuildIndex,
  type PartChunk,
  type Parts,
} from '@twofold/view-store';
import { bytesIn, numberIn, textIn } from './column.ts';
import type { ReportConflict } from './report-conflict.ts';
import type { CqlRow, CqlValue, Session } from './session.ts';
import { stamps, storedIds } from './stored-ids.ts';

const insertEntry = `INSERT INTO $.chunk_directory (project, incarnation, part, number, body) VALUES (?, ?, ?, ?, ?)
  USING TIMESTAMP ${stamps.written}`;
const insertChunk = `INSERT INTO $.chunks (project, incarnation, part, number, bytes) VALUES (?, ?, ?, ?, ?)
  USING TIMESTAMP ${stamps.written}`;
const directoryOf = 'SELECT number, body FROM $.chunk_directory WHERE project = ? AND incarnation = ? AND part = ?';
const numbersOf = 'SELECT number FROM $.chunk_directory WHERE project = ? AND incarnation = ? AND part = ?';
const chunkAt = 'SELECT bytes FROM $.chunks WHERE project = ? AND incarnation = ? AND part = ? AND number = ?';
const dropChunk = `DELETE FROM $.chunks USING TIMESTAMP ${stamps.removed}
  WHERE project = ? AND incarnation = ? AND part = ? AND number = ?`;
const dropDirectory = `DELETE FROM $.chunk_directory USING TIMESTAMP ${stamps.removed}
  WHERE project = ? AND incarnation = ? AND part = ?`;
const insertIndex = `INSERT INTO $.build_indexes (project, incarnation, build, body) VALUES (?, ?, ?, ?)
  USING TIMESTAMP ${stamps.written}`;
const indexOf = 'SELECT body FROM $.build_indexes WHERE project = ? AND incarnation = ? AND build = ?';
const dropIndex = `DELETE FROM $.build_indexes USING TIMESTAMP ${stamps.removed}
  WHERE project = ? AND incarnation = ? AND build = ?`;

export function cassandraParts(session: Session, report: ReportConflict): Parts {
  const parts = storedIds(session, 'part');
  const builds = storedIds(session, 'build');
  const placeOf = (id: string): CqlValue[] => [session.project, session.incarnation, id];

  /** False when the chunk is there already. */
  async function isNew(part: string, chunk: PartChunk): Promise<boolean> {
    const stored = await session.first(chunkAt, [...placeOf(part), chunk.number]);
    if (stored === null) return true;
    if (!equalBytes(bytesIn(stored, 'bytes'), chunk.bytes))
      report?.(writeConflict('chunk', { part, number: chunk.number }));
    return false;
  }

  async function writeChunk(part: string, chunk: PartChunk): Promise<void> {
    const { number, rows, sha256, firstKey, firstPane, bytes } = chunk;
    if (report !== null && !(await isNew(part, chunk))) return;
    const body = JSON.stringify({ rows, sha256, firstKey: Buffer.from(firstKey).toString('base64'), firstPane });
    // The directory first: collection finds by it what has to go.
    await session.write(insertEntry, [...placeOf(part), number, body]);
    await session.write(insertChunk, [...placeOf(part), number, asBuffer(bytes)]);
  }

  /** What is listed no more is looked for by nobody: first its chunks, and again what came until it was marked. */
  async function removePart(part: string): Promise<void> {
    await dropChunks(part);
    await parts.remove(part);
    await dropChunks(part);
    await session.write(dropDirectory, placeOf(part));
  }

  async function dropChunks(part: string): Promise<void> {
    const numbers = (await session.rows(numbersOf, placeOf(part))).map((row) => numberIn(row, 'number'));
    await Promise.all(numbers.map((number) => session.write(dropChunk, [...placeOf(part), number])));
  }

  async function removeBuild(build: string): Promise<void> {
    await builds.remove(build);
    await session.write(dropIndex, placeOf(build));
  }

  async function writeIndex(index: BuildIndex): Promise<void> {
    if (!(await builds.admit(index.build))) return;
    const body = JSON.stringify(index);
    const stored = report === null ? null : await session.first(indexOf, placeOf(index.build));
    if (stored === null) await session.write(insertIndex, [...placeOf(index.build), body]);
    else if (textIn(stored, 'body') !== body) report?.(writeConflict('index', { build: index.build }));
  }

  return {
    writeChunks: async (part, chunks, signal) =>
      session.run(async () => {
        if (chunks.length === 0 || !(await parts.admit(part))) return;
        await Promise.all(chunks.map((chunk) => writeChunk(part, chunk)));
      }, signal),
    directory: async (part) =>
      session.run(async () => (await session.rows(directoryOf, placeOf(part))).map(directoryEntry)),
    chunk: async (part, number) =>
      session.run(async () => {
        const row = await session.first(chunkAt, [...placeOf(part), number]);
        return row === null ? null : new Uint8Array(bytesIn(row, 'bytes'));
      }),
    writeIndex: async (index) => session.run(() => writeIndex(index)),
    index: async (build) =>
      session.run(async () => {
        const row = await session.first(indexOf, placeOf(build));
        return row === null ? null : parseFrozen<BuildIndex>(textIn(row, 'body'));
      }),
    list: async () =>
      session.run(async () => {
        const [partIds, buildIds] = await Promise.all([parts.list(), builds.list()]);
        return { parts: partIds, builds: buildIds };
      }),
    remove: async (ids) =>
      session.run(async () => {
        await inTurns(ids.parts, removePart);
        await inTurns(ids.builds, removeBuild);
      }),
    forgetRemoved: async (below) =>
      session.run(async () => (await parts.forgetRemoved(below)) + (await builds.forgetRemoved(below))),
  };
}

/** Ids whose removal is under way at once. */
const turnIds = 32;

async function inTurns(ids: readonly string[], each: (id: string) => Promise<void>): Promise<void> {
  for (let at = 0; at < ids.length; at += turnIds) await Promise.all(ids.slice(at, at + turnIds).map(each));
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function directoryEntry(row: CqlRow): Omit<PartChunk, 'bytes'> {
  const { firstKey, ...body } = parseFrozen<{ rows: number; sha256: string; firstKey: string; firstPane: number }>(
    textIn(row, 'body'),
  );
  return { number: numberIn(row, 'number'), ...body, firstKey: new Uint8Array(Buffer.from(firstKey, 'base64')) };
}
