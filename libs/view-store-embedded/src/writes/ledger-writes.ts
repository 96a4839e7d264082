import type { DeadLetter, LedgerEntry } from '@twofold/view-store';
import type { DatabaseSync } from 'node:sqlite';

export interface LedgerWrites {
  write(entries: readonly LedgerEntry[], deadLetters: readonly DeadLetter[]): void;
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
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  return {
    write: (entries, deadLetters) => {
      for (const { stream, partition, slice, next, applied, duplicate, rejected, control } of entries)
        upsert.run(project, stream, partition, slice, next, applied, duplicate, rejected, control);
      for (const { stream, partition, offset, logTime, code, field, detail } of deadLetters)
        bury.run(project, stream, partition, offset, logTime, code, field, detail);
    },
  };
}
