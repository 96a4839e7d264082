import type { DatabaseSync } from 'node:sqlite';

/** One step of the store's format. Numbers rise by one from 1; a step that was released never changes. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Runs in a transaction, and does no harm when it runs again. */
  up(db: DatabaseSync): void;
}
