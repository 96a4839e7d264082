import type { DatabaseSync } from 'node:sqlite';
import { rowChecksum } from '../row-checksum.ts';
import type { StoredRun } from './write-operation.ts';

export interface RunWrites {
  put(run: StoredRun): void;
  /** Sets a job's row when it is at the sequence before; true when it was. */
  setJob(job: string, sequence: number, body: string): boolean;
}

export function runWrites(db: DatabaseSync, project: string): RunWrites {
  const upsert = db.prepare(`
    INSERT INTO runs (project, id, job, started_at, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET job = excluded.job, started_at = excluded.started_at, body = excluded.body`);
  const insertJob = db.prepare(
    'INSERT INTO jobs (project, job, sequence, crc, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const updateJob = db.prepare(
    'UPDATE jobs SET sequence = ?, crc = ?, body = ? WHERE project = ? AND job = ? AND sequence = ?',
  );
  return {
    put: ({ id, job, startedAt, body }) => void upsert.run(project, id, job, startedAt, body),
    setJob: (job, sequence, body) => {
      const crc = rowChecksum([job, sequence], body);
      const set =
        sequence === 1
          ? insertJob.run(project, job, sequence, crc, body)
          : updateJob.run(sequence, crc, body, project, job, sequence - 1);
      return set.changes > 0;
    },
  };
}
