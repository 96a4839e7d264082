import type { DatabaseSync } from 'node:sqlite';
import type { StoredRun } from './write-operation.ts';

export interface RunWrites {
  put(run: StoredRun): void;
  claimSlot(job: string, slot: number, run: StoredRun): boolean;
}

export function runWrites(db: DatabaseSync, project: string): RunWrites {
  const upsert = db.prepare(`
    INSERT INTO runs (project, id, job, started_at, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET job = excluded.job, started_at = excluded.started_at, body = excluded.body`);
  const claim = db.prepare('INSERT INTO slots (project, job, slot, run) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const owner = db.prepare('SELECT run FROM slots WHERE project = ? AND job = ? AND slot = ?');
  const put = ({ id, job, startedAt, body }: StoredRun): void => void upsert.run(project, id, job, startedAt, body);
  return {
    put,
    claimSlot: (job, slot, run) => {
      if (claim.run(project, job, slot, run.id).changes > 0) put(run);
      return owner.get(project, job, slot)?.['run'] === run.id;
    },
  };
}
