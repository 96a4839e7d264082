import { equalBytes } from '../equal-bytes.ts';
import { writeConflict } from '../refusals.ts';
import type { SpeedRow, SpeedRows, ViewVersion } from '../view-store.ts';
import type { Access } from './access.ts';

interface PartitionRows {
  /** Rows that start below it are invisible for ever (E8). */
  lowWater: number;
  readonly rows: Map<string, SpeedRow>;
}

/** By (view, version, partition). */
export type SpeedRowState = Map<string, PartitionRows>;

export const emptySpeedRows = (): SpeedRowState => new Map();

export function memorySpeedRows(state: SpeedRowState, access: Access): SpeedRows {
  function partitionOf(of: ViewVersion, partition: number): PartitionRows {
    const key = JSON.stringify([of.view, of.version, partition]);
    const found = state.get(key) ?? { lowWater: -Infinity, rows: new Map<string, SpeedRow>() };
    state.set(key, found);
    return found;
  }

  function write(row: SpeedRow): void {
    const { lowWater, rows } = partitionOf(row, row.partition);
    if (row.start < lowWater) return;
    const key = `${row.start}:${row.end}:${row.bucket}`;
    const old = rows.get(key);
    if (old === undefined || row.appliedOffset > old.appliedOffset) rows.set(key, copyOf(row));
    else if (row.appliedOffset === old.appliedOffset && !equalBytes(row.bytes, old.bytes)) {
      const { bytes: _, ...place } = row;
      access.conflict(writeConflict('speed row', place));
    }
  }

  return {
    write: async (rows, signal) => {
      access.enter(signal);
      for (const row of rows) write(row);
    },
    read: async (query, signal) => {
      access.enter(signal);
      const { buckets, startFrom, startBelow } = query;
      return [...partitionOf(query, query.partition).rows.values()]
        .filter((row) => row.start >= startFrom && row.start < startBelow && (buckets?.includes(row.bucket) ?? true))
        .sort((a, b) => a.start - b.start || a.end - b.end || a.bucket - b.bucket)
        .map(copyOf);
    },
    sweep: async (of, partition, below) => {
      access.enter();
      const found = partitionOf(of, partition);
      found.lowWater = Math.max(found.lowWater, below);
      const before = found.rows.size;
      for (const [key, row] of found.rows) if (row.start < found.lowWater) found.rows.delete(key);
      return before - found.rows.size;
    },
  };
}

/** Field by field: what a caller adds to its rows is not stored. */
function copyOf(row: SpeedRow): SpeedRow {
  const { view, version, partition, start, end, bucket, appliedOffset, bytes } = row;
  return { view, version, partition, start, end, bucket, appliedOffset, bytes: bytes.slice() };
}
