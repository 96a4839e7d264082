import type { Migration } from './migration.ts';

const sql = `
-- below: dead letters of smaller offsets were dropped, and are not taken again (E21).
CREATE TABLE IF NOT EXISTS dropped_letters (
  project TEXT NOT NULL, stream TEXT NOT NULL, partition INTEGER NOT NULL, below INTEGER NOT NULL,
  PRIMARY KEY (project, stream, partition)
) STRICT, WITHOUT ROWID;`;

/** Dead letters can be dropped for good. */
export const droppedLetters: Migration = {
  number: 4,
  name: 'dropped-letters',
  up: (db) => {
    db.exec(sql);
  },
};
