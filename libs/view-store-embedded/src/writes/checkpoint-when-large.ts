import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** Hot rows are rewritten many times: the longer the log, the fewer of them reach the main file. */
const LARGE_BYTES = 32 * 2 ** 20;
/** What SQLite does by itself, were this never to run. In pages of 4 kB. */
const FALLBACK_PAGES = 65_536;
/** How long the last, short phase waits for readers and writers. */
const WAIT_MS = 50;

/**
 * Moves the write-ahead log into the main file once it is large, in the thread that writes, after its answers went
 * out. Readers go on meanwhile. Gives a function to call after each commit.
 */
export function checkpointWhenLarge(db: DatabaseSync, file: string): () => void {
  db.exec(`PRAGMA wal_autocheckpoint = ${FALLBACK_PAGES}`);
  const busyMs = Number(db.prepare('PRAGMA busy_timeout').get()?.['timeout'] ?? 0);
  return () => {
    try {
      if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) < LARGE_BYTES) return;
      // Most of the work without a lock; then the rest, and the log begins anew, if nobody is in the way.
      db.exec('PRAGMA wal_checkpoint(PASSIVE)');
      db.exec(`PRAGMA busy_timeout = ${WAIT_MS}`);
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Nothing is lost: what was committed is durable in the log, and the next commit tries again.
    } finally {
      db.exec(`PRAGMA busy_timeout = ${busyMs}`);
    }
  };
}
