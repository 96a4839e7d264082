import { parentPort, workerData } from 'node:worker_threads';
import type { DatabaseSync } from 'node:sqlite';
import { connect, makeDurable } from '../connection.ts';
import { failureKind } from '../sqlite-failure.ts';

export type ErasedMessage =
  | { readonly failure: null }
  | { readonly failure: 'READERS' }
  | { readonly failure: ReturnType<typeof failureKind>; readonly detail: string };

/** How long writers and readers may be in the way. */
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 50;

/** A file without free pages, and nothing in the log: no byte of a deleted row is left, in slack space neither. */
function eraseFile(file: string): ErasedMessage {
  const db = connect(file, { readOnly: false });
  try {
    makeDurable(db);
    db.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`);
    db.exec('PRAGMA secure_delete = ON');
    db.exec('VACUUM');
    for (let waited = 0; !checkpointed(db); waited += LOOK_AGAIN_MS) {
      if (waited >= PATIENCE_MS) return { failure: 'READERS' };
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
    }
    return { failure: null };
  } catch (error) {
    return { failure: failureKind(error), detail: error instanceof Error ? error.message : String(error) };
  } finally {
    db.close();
  }
}

/** True when the whole log is in the file and the log is empty. */
function checkpointed(db: DatabaseSync): boolean {
  return db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
}

if (parentPort !== null) parentPort.postMessage(eraseFile((workerData as { readonly file: string }).file));
