import {
  equalBytes,
  writeConflict,
  type SpeedRow,
  type SpeedRowQuery,
  type SpeedRows,
  type ViewVersion,
} from '@twofold/view-store';
import { bytesIn, numberIn, numberOrNullIn } from './column.ts';
import { openCell, sealCell } from './sealed-cell.ts';
import type { ReportConflict } from './report-conflict.ts';
import type { CqlRow, CqlValue, Session, Statement } from './session.ts';
import { WrittenOnce } from './written-once.ts';

/** Positions of one block, which is one Cassandra partition of each view and log partition. */
const blockPositions = 2 ** 20;
const blockOf = (start: number): number => Math.floor(start / blockPositions);

/** What one request may carry; a mutation of more than half a commit log segment is refused by the server. */
const requestBytes = 512 * 1024;
const requestRows = 64;

/** Outranks every write of what is removed: write timestamps are offsets. */
const afterAllOffsets = 2n ** 62n;

const insertRow = `INSERT INTO $.speed_rows
  (project, incarnation, "view", version, partition, block, bucket, start, "end", cell)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const rowsOf = `SELECT bucket, start, "end", cell FROM $.speed_rows
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?`;
const rowsOfBuckets = `${rowsOf} AND bucket IN ? AND start >= ? AND start < ?`;
const rowAt = `SELECT cell FROM $.speed_rows WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ?
  AND partition = ? AND block = ? AND bucket = ? AND start = ? AND "end" = ?`;
const startsOf = `SELECT start FROM $.speed_rows
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?`;
const dropBlock = `DELETE FROM $.speed_rows USING TIMESTAMP ${afterAllOffsets}
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?`;
const insertBlock = `INSERT INTO $.speed_blocks (project, incarnation, "view", version, partition, block)
  VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP 1`;
const forgetBlock = `DELETE FROM $.speed_blocks USING TIMESTAMP 1
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?`;
const blocksOf = `SELECT block, below FROM $.speed_blocks
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ?`;
/** A larger mark has the larger timestamp: it never sinks. */
const raiseMark = `UPDATE $.speed_blocks USING TIMESTAMP ? SET below = ?
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ?`;

interface Place extends ViewVersion {
  readonly partition: number;
}

export function cassandraSpeedRows(session: Session, report: ReportConflict): SpeedRows {
  const directories = new WrittenOnce(session, insertBlock);
  const placeOf = ({ view, version, partition }: Place): CqlValue[] => {
    const { project, incarnation } = session;
    return [project, incarnation, view, version, partition];
  };
  const keyOf = (row: SpeedRow): CqlValue[] => {
    const { bucket, start, end } = row;
    return [...placeOf(row), BigInt(blockOf(start)), bucket, BigInt(start), BigInt(end)];
  };

  async function directory(of: Place): Promise<{ below: number; blocks: number[] }> {
    const rows = await session.rows(blocksOf, placeOf(of));
    const below = rows[0] === undefined ? null : numberOrNullIn(rows[0], 'below');
    // A static column alone comes as one row without a block.
    const blocks = rows.map((row) => numberOrNullIn(row, 'block')).filter((block) => block !== null);
    return { below: below ?? -Infinity, blocks };
  }

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
    await Promise.all(firsts.map((row) => directories.write([...placeOf(row), BigInt(blockOf(row.start))])));
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

  async function read(query: SpeedRowQuery): Promise<SpeedRow[]> {
    if (query.buckets?.length === 0) return [];
    const { below, blocks } = await directory(query);
    const from = Math.max(query.startFrom, below);
    const wanted = blocks.filter((block) => block >= blockOf(from) && block * blockPositions < query.startBelow);
    const perBlock = await Promise.all(wanted.map((block) => readBlock(query, block, from)));
    return perBlock.flat();
  }

  async function readBlock(query: SpeedRowQuery, block: number, from: number): Promise<SpeedRow[]> {
    const { view, version, partition, buckets, startBelow } = query;
    const place = [...placeOf(query), BigInt(block)];
    const first = BigInt(Math.max(from, block * blockPositions));
    const end = BigInt(Math.min(startBelow, (block + 1) * blockPositions));
    // One request for all buckets: a request costs more than the rows that it finds.
    const stored =
      buckets === null
        ? await session.rows(rowsOf, place)
        : await session.rows(rowsOfBuckets, [...place, [...new Set(buckets)], first, end]);
    const within = (row: CqlRow): boolean => numberIn(row, 'start') >= from && numberIn(row, 'start') < startBelow;
    return stored.filter(within).map((row) => opened({ view, version, partition }, row));
  }

  async function sweep(of: Place, below: number): Promise<number> {
    const before = await directory(of);
    if (below <= before.below) return 0;
    // First the mark, from which on the rows are invisible; space is given back a whole block at a time.
    await session.write(raiseMark, [BigInt(below), BigInt(below), ...placeOf(of)]);
    let swept = 0;
    for (const block of before.blocks.filter((each) => each * blockPositions < below)) {
      const place = [...placeOf(of), BigInt(block)];
      for (const row of await session.rows(startsOf, place)) {
        const start = numberIn(row, 'start');
        if (start >= before.below && start < below) swept++;
      }
      if ((block + 1) * blockPositions > below) continue;
      await session.write(dropBlock, place);
      await session.write(forgetBlock, place);
    }
    return swept;
  }

  return {
    write: async (rows, signal) => session.run(() => write(rows), signal),
    read: async (query, signal) => session.run(() => read(query), signal),
    sweep: async (of, partition, below) => session.run(() => sweep({ ...of, partition }, below)),
  };
}

const sealOf = ({ view, version, partition, start, end, bucket }: Omit<SpeedRow, 'bytes' | 'appliedOffset'>) => [
  view,
  version,
  partition,
  start,
  end,
  bucket,
];

function opened(of: Place, stored: CqlRow): SpeedRow {
  const place = {
    ...of,
    start: numberIn(stored, 'start'),
    end: numberIn(stored, 'end'),
    bucket: numberIn(stored, 'bucket'),
  };
  const { order, content } = openCell(sealOf(place), bytesIn(stored, 'cell'));
  return { ...place, appliedOffset: order, bytes: new Uint8Array(content) };
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
