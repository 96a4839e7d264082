import { StoreError } from '@twofold/view-store';
import type { DatabaseSync } from 'node:sqlite';
import { tables } from './0001-tables.ts';
import { partLowWater } from './0002-part-low-water.ts';
import { jobs } from './0003-jobs.ts';
import { droppedLetters } from './0004-dropped-letters.ts';
import type { Migration } from './migration.ts';

/** All steps, in order. A new format is a new file and a new line here. */
export const migrations: readonly Migration[] = [tables, partLowWater, jobs, droppedLetters];

/** "TWOF" in the file's header: whose file this is. */
export const applicationId = 0x54574f46;

/**
 * The number of the file's format, 0 for an empty file. Reads only, so that a file of somebody else, or of a newer
 * program, stays as it is.
 * @throws STORE_FORMAT_UNKNOWN
 */
export function checkFormat(db: DatabaseSync, file: string, known: readonly Migration[] = migrations): number {
  const found = pragma(db, 'application_id');
  const format = pragma(db, 'user_version');
  if (found === 0 && format === 0 && db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined) return 0;
  if (found !== applicationId)
    throw new StoreError(
      'STORE_FORMAT_UNKNOWN',
      `${file} is a database, but not one of Twofold's; nothing was changed. Name another data folder.`,
      { facts: { file } },
    );
  if (format > known.length)
    throw new StoreError(
      'STORE_FORMAT_UNKNOWN',
      `${file} has format ${format}, this program knows formats up to ${known.length}; nothing was changed. Use the newer program that wrote it, or name another data folder.`,
      { facts: { file, format, known: known.length } },
    );
  return format;
}

/** Brings the file to the newest format, a step a transaction, and records each. Several programs may do it at once. */
export function migrate(db: DatabaseSync, file: string, now: number, known: readonly Migration[] = migrations): void {
  while (checkFormat(db, file, known) < known.length) {
    db.exec('BEGIN IMMEDIATE');
    try {
      // Read again under the lock: another program may just have done this step.
      const step = known[checkFormat(db, file, known)];
      if (step !== undefined) apply(db, step, now);
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

function apply(db: DatabaseSync, step: Migration, now: number): void {
  step.up(db);
  db.exec(`CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER NOT NULL, name TEXT NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (number)
  ) STRICT, WITHOUT ROWID`);
  db.prepare('INSERT OR REPLACE INTO migrations (number, name, applied_at) VALUES (?, ?, ?)').run(
    step.number,
    step.name,
    now,
  );
  // A pragma takes no parameters; both are numbers of this program.
  db.exec(`PRAGMA application_id = ${applicationId}`);
  db.exec(`PRAGMA user_version = ${step.number}`);
}

function pragma(db: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
