import type { Migration } from './migration.ts';

const sql = `
-- below: no new part or build with a smaller id is taken, so the ids of removed ones below it need not be kept.
CREATE TABLE IF NOT EXISTS part_low_water (
  project TEXT NOT NULL, below TEXT NOT NULL,
  PRIMARY KEY (project)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS parts_removed ON parts (project, part) WHERE state = 2;
CREATE INDEX IF NOT EXISTS builds_removed ON builds (project, build) WHERE body IS NULL;`;

/** Removed parts and builds can be forgotten. */
export const partLowWater: Migration = {
  number: 2,
  name: 'part-low-water',
  up: (db) => {
    db.exec(sql);
  },
};
