import type { DatabaseSync } from 'node:sqlite';
import { connect, identityOf, makeDurable } from './connection.ts';
import { checkFormat } from './migrations/migrate.ts';
import { storeFailure } from './store-failure.ts';
import { storeFileIn } from './store-file.ts';

const tables = [
  'stores',
  'speed_rows',
  'low_water',
  'progress',
  'ledger',
  'dead_letters',
  'parts',
  'part_low_water',
  'chunks',
  'builds',
  'control',
  'runs',
  'jobs',
] as const;

/**
 * Loses the store of one project on purpose, and of no other. Calls of handles that are still open fail with
 * STORE_GONE; the next one opened is a new, empty store, to be rebuilt from the archive and the log (E5).
 */
export async function destroyEmbeddedStore(of: { directory: string; project: string }): Promise<void> {
  const file = storeFileIn(of.directory);
  if (identityOf(file) === null) return;
  try {
    const db = connect(file, { readOnly: false });
    try {
      if (checkFormat(db, file) > 0) removeAll(db, of.project);
    } finally {
      db.close();
    }
  } catch (error) {
    throw storeFailure(error, file);
  }
}

function removeAll(db: DatabaseSync, project: string): void {
  makeDurable(db);
  db.exec('BEGIN IMMEDIATE');
  // The names are this program's own; a table's name can not be bound.
  for (const table of tables) db.prepare(`DELETE FROM ${table} WHERE project = ?`).run(project);
  db.exec('COMMIT');
}
