import type { DatabaseSync } from 'node:sqlite';

/** Gives the project a store of this incarnation, unless it has one. Two programs that open at once agree. */
export function register(db: DatabaseSync, project: string, incarnation: string, now: number): void {
  if (incarnationOf(db, project) !== null) return;
  db.prepare('INSERT INTO stores (project, incarnation, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
    project,
    incarnation,
    now,
  );
}

/** Null: the project has no store. */
export function incarnationOf(db: DatabaseSync, project: string): string | null {
  const found = db.prepare('SELECT incarnation FROM stores WHERE project = ?').get(project)?.['incarnation'];
  return typeof found === 'string' ? found : null;
}
