import { equalBytes, writeConflict, type SpeedRow, type SpeedRows } from '@twofold/view-store';
import { bytesIn, numberIn } from './column.ts';
import { openCell, sealCell } from './sealed-cell.ts';
import type { ReportConflict } from './report-conflict.ts';
import type { CqlValue, Session, Statement } from './session.ts';
import { blockOf, directoryOf, firstOf, placeOf, readSpeedRows, sealOf, type SpeedPlace } from './speed-blocks.ts';
import { stamps } from './stored-ids.ts';
import { WrittenOnce } from './written-once.ts';

/** What one request may carry; a mutation of more than half a commit log segment is refused by the server. */
const requestBytes = 512 * 1024;
const requestRows = 64;

const insertRow = `INSERT INTO $.speed_rows
  (project, incarnation, "view", version, partition, block, bucket, start, "end", cell)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const rowAt = `SELECT cell FROM $.speed_rows WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ?
  AND partition = ? AND block = ? AND bucket = ? AND start = ? AND "end" = ?`;
const startsOf = `SELECT start FROM $.speed_rows
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?`;
const dropBlock = `DELETE FROM $.speed_rows USING TIMESTAMP ${stamps.afterAll}
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?`;
const insertBlock = `INSERT INTO $.speed_blocks (project, incarnation, "view", version, partition, block)
  VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP 1`;
const forgetBlock = `DELETE FROM $.speed_blocks USING TIMESTAMP 1
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?`;
/** A larger mark has the larger timestamp: it never sinks. */
const raiseMark = `UPDATE $.speed_blocks USING TIMESTAMP ? SET below = ?
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ?`;

export function cassandraSpeedRows(session: Session, report: ReportConflict): SpeedRows {
  const directories = new WrittenOnce(session, insertBlock);
  const keyOf = (row: SpeedRow): CqlValue[] => {
    const { bucket, start, end } = row;
    return [...placeOf(session, row), BigInt(blockOf(start)), bucket, BigInt(start), BigInt(end)];
  };

  async function checked(row: SpeedRow): Promise<boolean> {
    const stored = await session.first(rowAt, keyOf(row));
    if (stored === null) return true;
    const { order, content } = openCell(sealOf(row), bytesIn(stored, 'cell'));
    if (order === row.appliedOffset && !equalBytes(content, row.bytes)) {
      const { bytes: _, ...place } = row;
      report?.(writeConflict('speed row', place));
    }
    return order < row.appliedOffset;
  }

  async function write(rows: readonly SpeedRow[]): Promise<void> {
    const byBlock = Map.groupBy(rows, blockKeyOf);
    const firsts = [...byBlock.values()].flatMap((of) => of.slice(0, 1));
    // The directory first: readers and sweeps find by it what there is.
    await Promise.all(firsts.map((row) => directories.write([...placeOf(session, row), BigInt(blockOf(row.start))])));
    const verdicts = report === null ? null : await Promise.all(rows.map(checked));
    const isWanted = verdicts === null ? null : new Set(rows.filter((_, i) => verdicts[i]));
    const requests = [...byBlock.values()].flatMap((of) =>
      requestsOf(isWanted === null ? of : of.filter((row) => isWanted.has(row))),
    );
    await Promise.all(requests.map((request) => session.writeTogether(request.map(statementOf))));
  }

  function statementOf(row: SpeedRow): Statement {
    const cell = sealCell(sealOf(row), row.appliedOffset, row.bytes);
    return { query: insertRow, params: [...keyOf(row), cell, BigInt(row.appliedOffset)] };
  }

  async function sweep(of: SpeedPlace, below: number): Promise<number> {
    const before = await directoryOf(session, of);
    if (below <= before.below) return 0;
    // First the mark, from which on the rows are invisible; space is given back a whole block at a time.
    await session.write(raiseMark, [BigInt(below), BigInt(below), ...placeOf(session, of)]);
    let swept = 0;
    for (const block of before.blocks.filter((each) => firstOf(each) < below)) {
      const place = [...placeOf(session, of), BigInt(block)];
      for (const row of await session.rows(startsOf, place)) {
        const start = numberIn(row, 'start');
        if (start >= before.below && start < below) swept++;
      }
      if (firstOf(block + 1) > below) continue;
      await session.write(dropBlock, place);
      await session.write(forgetBlock, place);
    }
    return swept;
  }

  return {
    write: async (rows, signal) => session.run(() => write(rows), signal),
    read: async (query, signal) => session.run(() => readSpeedRows(session, query), signal),
    sweep: async (of, partition, below) => session.run(() => sweep({ ...of, partition }, below)),
  };
}

const blockKeyOf = ({ view, version, partition, start }: SpeedRow): string =>
  `${view}@${version}|${partition}|${blockOf(start)}`;

/** Rows of one block in as many requests as may carry them. */
function requestsOf(rows: readonly SpeedRow[]): SpeedRow[][] {
  const requests: SpeedRow[][] = [];
  let request: SpeedRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (request.length > 0 && (request.length >= requestRows || bytes + row.bytes.length > requestBytes)) {
      requests.push(request);
      [request, bytes] = [[], 0];
    }
    request.push(row);
    bytes += row.bytes.length;
  }
  return request.length === 0 ? requests : [...requests, request];
}
