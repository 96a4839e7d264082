import type { LaneName, ProgressRecord, ViewVersion } from '@twofold/view-store';
import type { DatabaseSync } from 'node:sqlite';
import { rowChecksum } from '../row-checksum.ts';

/** All of a progress record, which its checksum covers. */
export function progressKey(record: ProgressRecord): (string | number | null)[] {
  const { view, version, partition, lane, next, maxEventTime, lastLogTime, caughtUpAt } = record;
  return [view, version, partition, lane, next, maxEventTime, lastLogTime, caughtUpAt];
}

export interface ProgressWrites {
  write(records: readonly ProgressRecord[]): void;
  forget(of: ViewVersion, partition: number, lanes: readonly LaneName[]): void;
}

export function progressWrites(db: DatabaseSync, project: string): ProgressWrites {
  const upsert = db.prepare(`
    INSERT INTO progress
      (project, view, version, partition, lane, next, max_event_time, last_log_time, caught_up_at, crc)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET next = excluded.next, max_event_time = excluded.max_event_time,
      last_log_time = excluded.last_log_time, caught_up_at = excluded.caught_up_at, crc = excluded.crc
    WHERE excluded.next > progress.next OR (excluded.next = progress.next
      AND excluded.caught_up_at > ifnull(progress.caught_up_at, -1e308))`);
  const remove = db.prepare(
    'DELETE FROM progress WHERE project = ? AND view = ? AND version = ? AND partition = ? AND lane = ?',
  );
  return {
    write: (records) => {
      for (const record of records) {
        const key = progressKey(record);
        upsert.run(project, ...key, rowChecksum(key));
      }
    },
    forget: (of, partition, lanes) => {
      for (const lane of lanes) remove.run(project, of.view, of.version, partition, lane);
    },
  };
}
