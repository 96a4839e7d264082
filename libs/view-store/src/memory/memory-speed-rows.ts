import { equalBytes } from '../equal-bytes.ts';
import { writeConflict } from '../refusals.ts';
import type { SpeedRow, SpeedRowQuery, SpeedRows, ViewVersion } from '../view-store.ts';
import type { Access } from './access.ts';

interface PartitionRows {
  /** Rows that start below it are invisible for ever (E8). */
  lowWater: number;
  readonly rows: Map<string, SpeedRow>;
  /** What was swept, or came late: a store may show it to reads that are not proved. */
  readonly swept: Map<string, SpeedRow>;
}

/** By (view, version, partition). */
export type SpeedRowState = Map<string, PartitionRows>;

export const emptySpeedRows = (): SpeedRowState => new Map();

/** @returns also a read that shows what was swept */
export function memorySpeedRows(
  state: SpeedRowState,
  access: Access,
): SpeedRows & { readonly readWithSwept: SpeedRows['read'] } {
  function partitionOf(of: ViewVersion, partition: number): PartitionRows {
    const key = JSON.stringify([of.view, of.version, partition]);
    const found: PartitionRows = state.get(key) ?? { lowWater: -Infinity, rows: new Map(), swept: new Map() };
    state.set(key, found);
    return found;
  }

  function write(row: SpeedRow): void {
    const { lowWater, rows, swept } = partitionOf(row, row.partition);
    const key = `${row.start}:${row.end}:${row.bucket}`;
    if (row.start < lowWater) {
      swept.set(key, copyOf(row));
      return;
    }
    const old = rows.get(key);
    if (old === undefined || row.appliedOffset > old.appliedOffset) rows.set(key, copyOf(row));
    else if (row.appliedOffset === old.appliedOffset && !equalBytes(row.bytes, old.bytes)) {
      const { bytes: _, ...place } = row;
      access.conflict(writeConflict('speed row', place));
    }
  }

  function matching(rows: Iterable<SpeedRow>, { buckets, startFrom, startBelow }: SpeedRowQuery): SpeedRow[] {
    return [...rows]
      .filter((row) => row.start >= startFrom && row.start < startBelow && (buckets?.includes(row.bucket) ?? true))
      .sort((a, b) => a.start - b.start || a.end - b.end || a.bucket - b.bucket)
      .map(copyOf);
  }

  return {
    write: async (rows, signal) => {
      access.enter(signal);
      for (const row of rows) write(row);
    },
    read: async (query, signal) => {
      access.enter(signal);
      return matching(partitionOf(query, query.partition).rows.values(), query);
    },
    readWithSwept: async (query, signal) => {
      access.enter(signal);
      const { rows, swept } = partitionOf(query, query.partition);
      return matching([...rows.values(), ...swept.values()], query);
    },
    sweep: async (of, partition, below) => {
      access.enter();
      const found = partitionOf(of, partition);
      found.lowWater = Math.max(found.lowWater, below);
      const before = found.rows.size;
      for (const [key, row] of found.rows) {
        if (row.start >= found.lowWater) continue;
        found.rows.delete(key);
        found.swept.set(key, row);
      }
      return before - found.rows.size;
    },
  };
}

/** Field by field: what a caller adds to its rows is not stored. */
function copyOf(row: SpeedRow): SpeedRow {
  const { view, version, partition, start, end, bucket, appliedOffset, bytes } = row;
  return { view, version, partition, start, end, bucket, appliedOffset, bytes: bytes.slice() };
}
