import { storeClosed, storeGone } from '@twofold/view-store';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { identityOf } from '../connection.ts';
import { storeFailure } from '../store-failure.ts';

/** Reads of one handle: each sees one committed state, and only of the store that the handle was opened on (E5). */
export class StoreReader {
  readonly file: string;
  readonly project: string;
  readonly incarnation: string;
  readonly #db: DatabaseSync;
  readonly #identity: string | null;
  readonly #begin;
  readonly #end;
  readonly #incarnation;
  #closed = false;

  constructor(db: DatabaseSync, file: string, project: string, incarnation: string) {
    this.#db = db;
    this.file = file;
    this.project = project;
    this.incarnation = incarnation;
    this.#identity = identityOf(file);
    this.#begin = db.prepare('BEGIN');
    this.#end = db.prepare('COMMIT');
    this.#incarnation = db.prepare('SELECT incarnation FROM stores WHERE project = ?');
  }

  prepare(sql: string): StatementSync {
    return this.#db.prepare(sql);
  }

  /** @throws STORE_CLOSED, or the signal's reason. */
  enter(signal?: AbortSignal): void {
    signal?.throwIfAborted();
    if (this.#closed) throw storeClosed();
  }

  /** @throws STORE_CLOSED, STORE_GONE, STORE_DAMAGED, STORE_UNAVAILABLE, or the signal's reason. */
  read<T>(query: () => T, signal?: AbortSignal): T {
    this.enter(signal);
    try {
      if (identityOf(this.file) !== this.#identity) throw storeGone(this.incarnation);
      this.#begin.run();
      try {
        if (this.#incarnation.get(this.project)?.['incarnation'] !== this.incarnation)
          throw storeGone(this.incarnation);
        return query();
      } finally {
        this.#end.run();
      }
    } catch (error) {
      throw storeFailure(error, this.file);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#db.close();
  }
}
