import type { SpeedRow, SpeedRowQuery, SpeedRows, ViewVersion } from '@twofold/view-store';
import { bytesIn, numberIn, numberOrNullIn } from './column.ts';
import { openCell } from './sealed-cell.ts';
import type { CqlRow, CqlValue, Session } from './session.ts';

/** Positions of one block, which is one Cassandra partition of each view and log partition. */
const blockPositions = 2 ** 20;

const rowsOf = `SELECT bucket, start, "end", cell FROM $.speed_rows
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = ?`;
const rowsOfBuckets = `${rowsOf} AND bucket IN ? AND start >= ? AND start < ?`;
const blocksOf = `SELECT block, below FROM $.speed_blocks
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ?`;

/** More blocks than these are looked up in the directory: it is one request, and so is each that is not there. */
const guessedBlocks = 2;

/** A view version's rows of one partition of the log. */
export interface SpeedPlace extends ViewVersion {
  readonly partition: number;
}

export const blockOf = (start: number): number => Math.floor(start / blockPositions);
export const firstOf = (block: number): number => block * blockPositions;

export function placeOf(session: Session, { view, version, partition }: SpeedPlace): CqlValue[] {
  return [session.project, session.incarnation, view, version, partition];
}

/** Which blocks there are, and below where rows are invisible. */
export async function directoryOf(session: Session, of: SpeedPlace): Promise<{ below: number; blocks: number[] }> {
  const rows = await session.rows(blocksOf, placeOf(session, of));
  const below = rows[0] === undefined ? null : numberOrNullIn(rows[0], 'below');
  // A static column alone comes as one row without a block.
  const blocks = rows.map((row) => numberOrNullIn(row, 'block')).filter((block) => block !== null);
  return { below: below ?? -Infinity, blocks };
}

export async function readSpeedRows(session: Session, query: SpeedRowQuery): Promise<SpeedRow[]> {
  const { below, blocks } = await directoryOf(session, query);
  return readBlocks(session, { ...query, startFrom: Math.max(query.startFrom, below) }, blocks);
}

/** Where the asked starts lie in few blocks, these are read without the directory, and what was swept in them is not left out. */
export function unprovedSpeedRows(session: Session): SpeedRows['read'] {
  const read = async (query: SpeedRowQuery): Promise<SpeedRow[]> => {
    const [first, last] = [blockOf(Math.max(0, query.startFrom)), blockOf(query.startBelow - 1)];
    if (last - first >= guessedBlocks) return readSpeedRows(session, query);
    return readBlocks(session, query, last === first ? [first] : [first, last]);
  };
  return async (query, signal) => session.runUnproved(() => read(query), signal);
}

async function readBlocks(session: Session, query: SpeedRowQuery, blocks: readonly number[]): Promise<SpeedRow[]> {
  if (query.buckets?.length === 0) return [];
  const wanted = blocks.filter((block) => block >= blockOf(query.startFrom) && firstOf(block) < query.startBelow);
  const perBlock = await Promise.all(wanted.map((block) => readBlock(session, query, block)));
  return perBlock.flat();
}

async function readBlock(session: Session, query: SpeedRowQuery, block: number): Promise<SpeedRow[]> {
  const { view, version, partition, buckets, startFrom, startBelow } = query;
  const place = [...placeOf(session, query), BigInt(block)];
  const first = BigInt(Math.max(startFrom, firstOf(block)));
  const end = BigInt(Math.min(startBelow, firstOf(block + 1)));
  // One request for all buckets: a request costs more than the rows that it finds.
  const stored =
    buckets === null
      ? await session.rows(rowsOf, place)
      : await session.rows(rowsOfBuckets, [...place, [...new Set(buckets)], first, end]);
  const within = (row: CqlRow): boolean => numberIn(row, 'start') >= startFrom && numberIn(row, 'start') < startBelow;
  return stored.filter(within).map((row) => opened({ view, version, partition }, row));
}

/** What a cell is sealed to. */
export const sealOf = ({ view, version, partition, start, end, bucket }: Omit<SpeedRow, 'bytes' | 'appliedOffset'>) => [
  view,
  version,
  partition,
  start,
  end,
  bucket,
];

function opened(of: SpeedPlace, stored: CqlRow): SpeedRow {
  const place = {
    ...of,
    start: numberIn(stored, 'start'),
    end: numberIn(stored, 'end'),
    bucket: numberIn(stored, 'bucket'),
  };
  const { order, content } = openCell(sealOf(place), bytesIn(stored, 'cell'));
  return { ...place, appliedOffset: order, bytes: new Uint8Array(content) };
}
