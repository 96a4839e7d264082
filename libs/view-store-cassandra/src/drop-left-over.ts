import { numberIn, textIn } from './column.ts';
import { nobodysName } from './guard-rows.ts';
import type { CqlRow, CqlValue, Session } from './session.ts';
import { directoryOf, firstOf } from './speed-blocks.ts';
import { stamps, storedIds } from './stored-ids.ts';

/** Columns of a partition key, after the project and the incarnation. */
type Key = Readonly<Record<string, 'text' | 'int' | 'bigint'>>;

const blockKey: Key = { view: 'text', version: 'int', partition: 'int', block: 'bigint' };

/** Tables whose rows hold values of events, or words about them. */
const tables: Readonly<Record<string, Key>> = {
  speed_rows: blockKey,
  chunks: { part: 'text', number: 'int' },
  chunk_directory: { part: 'text' },
  dead_letters: { stream: 'text', hour: 'bigint' },
  runs: { job: 'text', month: 'int' },
};

const bucketsOf = `SELECT bucket, start FROM $.speed_rows
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?`;
const dropStarts = `DELETE FROM $.speed_rows USING TIMESTAMP ${stamps.afterAll}
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?
  AND bucket = ? AND start < ?`;

/**
 * Deletes what nothing refers to any more and no sweep or removal comes back for: speed rows below the mark in a block that
 * reaches over it, chunks of a removal that was cut short or that were written late, rows of stores that this one came
 * after. Reads the partition keys of five tables, page by page: dear, and done for an erasure only (E21).
 */
export async function dropLeftOver(session: Session): Promise<void> {
  const isLeft = leftOvers(session);
  for (const [table, columns] of Object.entries(tables)) {
    const names = Object.keys(columns).map((name) => `"${name}"`);
    const every = `SELECT DISTINCT project, incarnation, ${names.join(', ')} FROM $.${table}`;
    const drop = `DELETE FROM $.${table} USING TIMESTAMP ${stamps.afterAll}
      WHERE project = ? AND incarnation = ? ${names.map((name) => `AND ${name} = ?`).join(' ')}`;
    for await (const page of session.pages(every, [])) {
      const mine = page.filter((row) => row['project'] === session.project);
      if (mine.some((row) => row['incarnation'] !== session.incarnation)) await session.stillRegistered();
      await Promise.all(
        mine.map(async (row) => {
          const isFormer = row['incarnation'] !== session.incarnation;
          if (isFormer || (await isLeft(table, row))) await session.write(drop, keyOf(row, columns));
        }),
      );
    }
  }
}

function keyOf(row: CqlRow, columns: Key): CqlValue[] {
  const values = Object.entries(columns).map(([name, kind]): CqlValue => {
    if (kind === 'text') return textIn(row, name);
    return kind === 'int' ? numberIn(row, name) : BigInt(numberIn(row, name));
  });
  return [textIn(row, 'project'), textIn(row, 'incarnation'), ...values];
}

/** Whether a partition of this store is left over as a whole; of a block that is so in part, that part is deleted. */
function leftOvers(session: Session): (table: string, row: CqlRow) => Promise<boolean> {
  const parts = storedIds(session, 'part');
  const known = new Map<string, Promise<boolean>>();
  const marks = new Map<string, Promise<number>>();

  /** A chunk that is found was admitted before it was written: a part that is not there any more was removed. */
  function isRemoved(part: string): Promise<boolean> {
    if (part === nobodysName) return Promise.resolve(false);
    const found = known.get(part) ?? parts.isThere(part).then((there) => !there);
    known.set(part, found);
    return found;
  }

  async function isBelow(row: CqlRow): Promise<boolean> {
    const place = {
      view: textIn(row, 'view'),
      version: numberIn(row, 'version'),
      partition: numberIn(row, 'partition'),
    };
    const block = numberIn(row, 'block');
    const name = `${place.partition}|${place.version}|${place.view}`;
    const mark = marks.get(name) ?? directoryOf(session, place).then(({ below }) => below);
    marks.set(name, mark);
    const below = await mark;
    if (firstOf(block + 1) <= below) return true;
    if (firstOf(block) < below) await dropBelow(keyOf(row, blockKey), below);
    return false;
  }

  async function dropBelow(block: readonly CqlValue[], below: number): Promise<void> {
    const rows = await session.rows(bucketsOf, block);
    const buckets = new Set(rows.filter((row) => numberIn(row, 'start') < below).map((row) => numberIn(row, 'bucket')));
    for (const bucket of buckets) await session.write(dropStarts, [...block, bucket, BigInt(below)]);
  }

  return async (table, row) => {
    if (table === 'speed_rows') return isBelow(row);
    return table === 'chunks' || table === 'chunk_directory' ? isRemoved(textIn(row, 'part')) : false;
  };
}
