import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** How long a connection waits for another program's lock. Locks are held for one transaction: milliseconds. */
const BUSY_MS = 10_000;

export function connect(file: string, options: { readOnly: boolean }): DatabaseSync {
  return new DatabaseSync(file, { timeout: BUSY_MS, readOnly: options.readOnly });
}

/** Acknowledged means durable (E5): every commit is synced before it returns, also past the disk's own cache on macOS. */
export function makeDurable(db: DatabaseSync): void {
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA fullfsync = ON');
  db.exec('PRAGMA checkpoint_fullfsync = ON');
}

/** Which file stands at the path: another one, or none, after a loss. Null: none. */
export function identityOf(file: string): string | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}
