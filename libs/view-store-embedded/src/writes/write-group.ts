import type { DatabaseSync } from 'node:sqlite';
import { failureKind, type FailureKind } from '../sqlite-failure.ts';
import { identityOf } from '../connection.ts';
import { prepareWrites, type ApplyWrite, type WriteResult } from './apply-write.ts';
import type { FoundConflict, WriteOperation } from './write-operation.ts';

/** How one operation ended. */
export type WriteOutcome = WriteDone | WriteFailed;

export interface WriteDone {
  readonly result: WriteResult;
  readonly conflicts: readonly FoundConflict[];
}

export interface WriteFailed {
  readonly failure: FailureKind;
  readonly detail: string;
  /** The commit itself failed: the change may be there, or may come to be there (E15). */
  readonly unknown: boolean;
}

export interface WriteGroupSettings {
  readonly file: string;
  readonly project: string;
  readonly incarnation: string;
  readonly reportConflicts: boolean;
}

/** Applies what came in together in one durable transaction: one sync of the disk for all. */
export class WriteGroup {
  readonly #db: DatabaseSync;
  readonly #settings: WriteGroupSettings;
  readonly #identity: string | null;
  readonly #apply: ApplyWrite;
  readonly #incarnation;
  readonly #begin;
  readonly #commit;
  #conflicts: FoundConflict[] = [];

  constructor(db: DatabaseSync, settings: WriteGroupSettings) {
    this.#db = db;
    this.#settings = settings;
    this.#identity = identityOf(settings.file);
    const report = settings.reportConflicts ? (found: FoundConflict) => void this.#conflicts.push(found) : null;
    this.#apply = prepareWrites(db, settings.project, report);
    this.#incarnation = db.prepare('SELECT incarnation FROM stores WHERE project = ?');
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
  }

  /** The outcomes, in the order of the operations. */
  run(operations: readonly WriteOperation[]): readonly WriteOutcome[] {
    let committing = false;
    try {
      if (identityOf(this.#settings.file) !== this.#identity) return operations.map(gone);
      this.#begin.run();
      if (!this.#isThere()) {
        this.#db.exec('ROLLBACK');
        return operations.map(gone);
      }
      const outcomes = operations.map((operation) => this.#one(operation));
      committing = true;
      this.#commit.run();
      return outcomes;
    } catch (error) {
      const failed = this.#rollBack(error, committing);
      // One bad operation must not take the others with it.
      if (!committing && operations.length > 1) return operations.flatMap((operation) => this.run([operation]));
      return operations.map(() => failed);
    }
  }

  #one(operation: WriteOperation): WriteOutcome {
    this.#conflicts = [];
    const result = this.#apply(operation);
    return { result, conflicts: this.#conflicts };
  }

  /** A store that was destroyed and made again has another incarnation (E5). */
  #isThere(): boolean {
    return this.#incarnation.get(this.#settings.project)?.['incarnation'] === this.#settings.incarnation;
  }

  #rollBack(error: unknown, committing: boolean): WriteOutcome {
    const failure = failureKind(error);
    const detail = error instanceof Error ? error.message : String(error);
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, or the file can not be read: the next transaction says which.
    }
    return { failure, detail, unknown: committing && failure !== 'BUSY' && failure !== 'DISK_FULL' };
  }
}

const gone = (): WriteOutcome => ({
  failure: 'GONE',
  detail: 'another store, or none, is in its place',
  unknown: false,
});
