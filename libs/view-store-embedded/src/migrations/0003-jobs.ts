import type { Migration } from './migration.ts';

const sql = `
-- One row a job, changed by compare-and-set. It says which slots are settled, so claims of slots are not needed any more.
CREATE TABLE IF NOT EXISTS jobs (
  project TEXT NOT NULL, job TEXT NOT NULL, sequence INTEGER NOT NULL, crc INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (project, job)
) STRICT, WITHOUT ROWID;

DROP TABLE IF EXISTS slots;`;

/** Jobs have rows of their own. */
export const jobs: Migration = {
  number: 3,
  name: 'jobs',
  up: (db) => {
    db.exec(sql);
  },
};
