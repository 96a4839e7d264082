import { StoreError } from '@twofold/view-store';
import { accessSync, closeSync, constants, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { connect, identityOf, makeDurable } from './connection.ts';
import { checkFormat, migrate } from './migrations/migrate.ts';

/** The one file of all projects of a data folder; SQLite keeps `-wal` and `-shm` beside it. */
export function storeFileIn(directory: string): string {
  return join(directory, 'views.sqlite');
}

/**
 * Opens a connection, makes the file where there is none, and brings it to the newest format.
 * @throws STORE_FORMAT_UNKNOWN, and the failures of SQLite and the system.
 */
export function openForWriting(file: string, now: number): DatabaseSync {
  makeFolder(dirname(file));
  // SQLite would open a file that it may not write, and fail at the first write.
  if (identityOf(file) !== null) accessSync(file, constants.W_OK);
  return checked(connect(file, { readOnly: false }), (db) => {
    checkFormat(db, file);
    makeDurable(db);
    migrate(db, file, now);
  });
}

/** @throws STORE_UNAVAILABLE (retryable) where there is no store yet, STORE_FORMAT_UNKNOWN, and SQLite's failures. */
export function openForReading(file: string): DatabaseSync {
  if (identityOf(file) === null) throw noStoreYet(file);
  return checked(connect(file, { readOnly: true }), (db) => {
    if (checkFormat(db, file) === 0) throw noStoreYet(file);
  });
}

export function noStoreYet(file: string): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    `there is no view store of this project in ${dirname(file)} yet; start the program that writes it, or name its data folder`,
    { retryable: true, facts: { file } },
  );
}

function checked(db: DatabaseSync, check: (db: DatabaseSync) => void): DatabaseSync {
  try {
    check(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first !== undefined) syncFolder(dirname(first));
  accessSync(folder, constants.W_OK);
}

/** A new folder's name outlives a loss of power only when the folder above it is synced. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
