import type { DeadLetter, LedgerEntry } from '@twofold/view-store';
import type { DatabaseSync } from 'node:sqlite';

export interface LedgerWrites {
  write(entries: readonly LedgerEntry[], deadLetters: readonly DeadLetter[]): void;
  dropLetters(stream: string, partition: number, below: number, limit: number): number;
}

export function ledgerWrites(db: DatabaseSync, project: string): LedgerWrites {
  const upsert = db.prepare(`
    INSERT INTO ledger (project, stream, partition, slice, next, applied, duplicate, rejected, control)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET next = excluded.next, applied = excluded.applied, duplicate = excluded.duplicate,
      rejected = excluded.rejected, control = excluded.control
    WHERE excluded.next > ledger.next`);
  const bury = db.prepare(`
    INSERT INTO dead_letters (project, stream, partition, "offset", log_time, code, field, detail)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (
      SELECT 1 FROM dropped_letters WHERE project = ?1 AND stream = ?2 AND partition = ?3 AND below > ?4)
    ON CONFLICT DO NOTHING`);
  const raise = db.prepare(`
    INSERT INTO dropped_letters (project, stream, partition, below) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET below = excluded.below WHERE excluded.below > dropped_letters.below`);
  const drop = db.prepare(`
    DELETE FROM dead_letters WHERE project = ?1 AND stream = ?2 AND partition = ?3 AND "offset" IN (
      SELECT "offset" FROM dead_letters
      WHERE project = ?1 AND stream = ?2 AND partition = ?3 AND "offset" < ?4 LIMIT ?5)`);
  return {
    dropLetters: (stream, partition, below, limit) => {
      raise.run(project, stream, partition, below);
      return Number(drop.run(project, stream, partition, below, limit).changes);
    },
    write: (entries, deadLetters) => {
      for (const { stream, partition, slice, next, applied, duplicate, rejected, control } of entries)
        upsert.run(project, stream, partition, slice, next, applied, duplicate, rejected, control);
      for (const { stream, partition, offset, logTime, code, field, detail } of deadLetters)
        bury.run(project, stream, partition, offset, logTime, code, field, detail);
    },
  };
}
