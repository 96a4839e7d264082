import type { Migration } from './migration.ts';

const sql = `
CREATE TABLE IF NOT EXISTS stores (
  project TEXT NOT NULL, incarnation TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (project)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS speed_rows (
  project TEXT NOT NULL, view TEXT NOT NULL, version INTEGER NOT NULL, partition INTEGER NOT NULL,
  bucket INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
  applied_offset INTEGER NOT NULL, crc INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (project, view, version, partition, bucket, start, "end")
) STRICT;

CREATE TABLE IF NOT EXISTS low_water (
  project TEXT NOT NULL, view TEXT NOT NULL, version INTEGER NOT NULL, partition INTEGER NOT NULL,
  below INTEGER NOT NULL,
  PRIMARY KEY (project, view, version, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS progress (
  project TEXT NOT NULL, view TEXT NOT NULL, version INTEGER NOT NULL, partition INTEGER NOT NULL, lane TEXT NOT NULL,
  next INTEGER NOT NULL, max_event_time INTEGER, last_log_time INTEGER, caught_up_at INTEGER, crc INTEGER NOT NULL,
  PRIMARY KEY (project, view, version, partition, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ledger (
  project TEXT NOT NULL, stream TEXT NOT NULL, partition INTEGER NOT NULL, slice INTEGER NOT NULL,
  next INTEGER NOT NULL, applied INTEGER NOT NULL, duplicate INTEGER NOT NULL, rejected INTEGER NOT NULL,
  control INTEGER NOT NULL,
  PRIMARY KEY (project, stream, partition, slice)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS dead_letters (
  project TEXT NOT NULL, stream TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
  log_time INTEGER NOT NULL, code TEXT NOT NULL, field TEXT, detail TEXT NOT NULL,
  PRIMARY KEY (project, stream, partition, "offset")
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dead_letters_by_time
  ON dead_letters (project, stream, log_time, partition, "offset");

-- state: 0 there, 1 removed but not yet freed, 2 removed: the id stays, so that a late write stays invisible.
CREATE TABLE IF NOT EXISTS parts (
  project TEXT NOT NULL, part TEXT NOT NULL, state INTEGER NOT NULL,
  PRIMARY KEY (project, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS parts_to_free ON parts (project, part) WHERE state = 1;

CREATE TABLE IF NOT EXISTS chunks (
  project TEXT NOT NULL, part TEXT NOT NULL, number INTEGER NOT NULL,
  rows INTEGER NOT NULL, sha256 TEXT NOT NULL, first_key BLOB NOT NULL, first_pane INTEGER NOT NULL,
  crc INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (project, part, number)
) STRICT;

-- body: JSON; null when the build was removed.
CREATE TABLE IF NOT EXISTS builds (
  project TEXT NOT NULL, build TEXT NOT NULL, body TEXT,
  PRIMARY KEY (project, build)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS control (
  project TEXT NOT NULL, sequence INTEGER NOT NULL, crc INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (project)
) STRICT;

CREATE TABLE IF NOT EXISTS runs (
  project TEXT NOT NULL, id TEXT NOT NULL, job TEXT NOT NULL, started_at INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (project, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS runs_by_job ON runs (project, job, started_at, id);
CREATE INDEX IF NOT EXISTS runs_by_time ON runs (project, started_at, id);

CREATE TABLE IF NOT EXISTS slots (
  project TEXT NOT NULL, job TEXT NOT NULL, slot INTEGER NOT NULL, run TEXT NOT NULL,
  PRIMARY KEY (project, job, slot)
) STRICT, WITHOUT ROWID;`;

/** The tables of format 1. The project is the first column of every key; `crc` is over the row's content (`row-checksum.ts`). */
export const tables: Migration = {
  number: 1,
  name: 'tables',
  up: (db) => {
    db.exec(sql);
  },
};
