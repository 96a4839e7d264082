import type { DatabaseSync } from 'node:sqlite';

export interface RunWrites {
  put(id: string, job: string, startedAt: number, body: string): void;
  claimSlot(job: string, slot: number, run: string): boolean;
}

export function runWrites(db: DatabaseSync, project: string): RunWrites {
  const upsert = db.prepare(`
    INSERT INTO runs (project, id, job, started_at, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET job = excluded.job, started_at = excluded.started_at, body = excluded.body`);
  const claim = db.prepare('INSERT INTO slots (project, job, slot, run) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const owner = db.prepare('SELECT run FROM slots WHERE project = ? AND job = ? AND slot = ?');
  return {
    put: (id, job, startedAt, body) => void upsert.run(project, id, job, startedAt, body),
    claimSlot: (job, slot, run) => {
      claim.run(project, job, slot, run);
      return owner.get(project, job, slot)?.['run'] === run;
    },
  };
}
