import type { SpeedRow, ViewVersion } from '@twofold/view-store';
import type { DatabaseSync } from 'node:sqlite';
import { rowChecksum } from '../row-checksum.ts';
import type { ReportConflict } from './write-operation.ts';

/** The key that a speed row's checksum covers. */
export function speedRowKey(row: Omit<SpeedRow, 'bytes'>): (string | number)[] {
  return [row.view, row.version, row.partition, row.bucket, row.start, row.end, row.appliedOffset];
}

export interface SpeedRowWrites {
  write(rows: readonly SpeedRow[]): void;
  sweep(of: ViewVersion, partition: number, below: number, limit: number): number;
}

export function speedRowWrites(db: DatabaseSync, project: string, report: ReportConflict): SpeedRowWrites {
  // The row that is there wins unless its offset is smaller; below the low water nothing is written (E5, E8).
  const upsert = db.prepare(`
    INSERT INTO speed_rows (project, view, version, partition, bucket, start, "end", applied_offset, crc, bytes)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE NOT EXISTS (
      SELECT 1 FROM low_water WHERE project = ?1 AND view = ?2 AND version = ?3 AND partition = ?4 AND below > ?6)
    ON CONFLICT DO UPDATE SET applied_offset = excluded.applied_offset, crc = excluded.crc, bytes = excluded.bytes
    WHERE excluded.applied_offset > speed_rows.applied_offset`);
  const stored = db.prepare(`
    SELECT bytes FROM speed_rows WHERE project = ? AND view = ? AND version = ? AND partition = ?
    AND bucket = ? AND start = ? AND "end" = ? AND applied_offset = ?`);
  const raise = db.prepare(`
    INSERT INTO low_water (project, view, version, partition, below) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET below = excluded.below WHERE excluded.below > low_water.below`);
  const remove = db.prepare(`
    DELETE FROM speed_rows WHERE rowid IN (
      SELECT rowid FROM speed_rows WHERE project = ?1 AND view = ?2 AND version = ?3 AND partition = ?4
      AND start < (SELECT below FROM low_water
        WHERE project = ?1 AND view = ?2 AND version = ?3 AND partition = ?4)
      LIMIT ?5)`);

  function compare(row: SpeedRow): void {
    const { bytes, ...place } = row;
    const found = stored.get(project, ...speedRowKey(row));
    if (found?.['bytes'] instanceof Uint8Array && Buffer.compare(found['bytes'], bytes) !== 0)
      report?.({ what: 'speed row', place });
  }
  return {
    write: (rows) => {
      for (const row of rows) {
        const key = speedRowKey(row);
        const { changes } = upsert.run(project, ...key, rowChecksum(key, row.bytes), row.bytes);
        if (changes === 0 && report !== null) compare(row);
      }
    },
    sweep: (of, partition, below, limit) => {
      raise.run(project, of.view, of.version, partition, below);
      return Number(remove.run(project, of.view, of.version, partition, limit).changes);
    },
  };
}
