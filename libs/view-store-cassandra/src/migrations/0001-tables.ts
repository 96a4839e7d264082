import type { Migration } from './migration.ts';

/**
 * The project and the store's incarnation are the first columns of every key, so that what an old writer still writes
 * after a loss is never seen (E5). A cell that is written again carries all of its row's state, since Cassandra settles
 * equal timestamps a cell at a time.
 */
export const tables: Migration = {
  number: 1,
  name: 'tables',
  statements: [
    // A block is 2^20 positions: a partition stays small however long a release lives. `below` is the sweep's mark (E8).
    `CREATE TABLE IF NOT EXISTS $.speed_blocks (
       project text, incarnation text, "view" text, version int, partition int, block bigint,
       below bigint static,
       PRIMARY KEY ((project, incarnation, "view", version, partition), block))`,
    `CREATE TABLE IF NOT EXISTS $.speed_rows (
       project text, incarnation text, "view" text, version int, partition int, block bigint,
       bucket int, start bigint, "end" bigint, cell blob,
       PRIMARY KEY ((project, incarnation, "view", version, partition, block), bucket, start, "end"))
       WITH compaction = {'class': 'LeveledCompactionStrategy'}`,
    `CREATE TABLE IF NOT EXISTS $.progress (
       project text, incarnation text, "view" text, version int, partition int, lane text, cell blob,
       PRIMARY KEY ((project, incarnation, "view", version), partition, lane))`,
    `CREATE TABLE IF NOT EXISTS $.ledger_blocks (
       project text, incarnation text, stream text, partition int, block bigint,
       PRIMARY KEY ((project, incarnation, stream), partition, block))`,
    `CREATE TABLE IF NOT EXISTS $.ledger (
       project text, incarnation text, stream text, partition int, block bigint, slice bigint, cell blob,
       PRIMARY KEY ((project, incarnation, stream, partition, block), slice))`,
    `CREATE TABLE IF NOT EXISTS $.dead_letter_hours (
       project text, incarnation text, stream text, hour bigint,
       PRIMARY KEY ((project, incarnation, stream), hour))
       WITH CLUSTERING ORDER BY (hour DESC)`,
    `CREATE TABLE IF NOT EXISTS $.dead_letters (
       project text, incarnation text, stream text, hour bigint, log_time bigint, partition int, "offset" bigint,
       body text,
       PRIMARY KEY ((project, incarnation, stream, hour), log_time, partition, "offset"))
       WITH CLUSTERING ORDER BY (log_time DESC, partition DESC, "offset" DESC)`,
    `CREATE TABLE IF NOT EXISTS $.dead_letter_times (
       project text, incarnation text, stream text, partition int, "offset" bigint, log_time bigint,
       PRIMARY KEY ((project, incarnation, stream, partition, "offset")))`,
    // What there is, and what was removed; kind is 'part' or 'build'. `low_water`: no new id below it is taken.
    `CREATE TABLE IF NOT EXISTS $.stored_ids (
       project text, incarnation text, kind text, id text, state text, low_water text static,
       PRIMARY KEY ((project, incarnation, kind), id))`,
    `CREATE TABLE IF NOT EXISTS $.chunk_directory (
       project text, incarnation text, part text, number int, body text,
       PRIMARY KEY ((project, incarnation, part), number))`,
    `CREATE TABLE IF NOT EXISTS $.chunks (
       project text, incarnation text, part text, number int, bytes blob,
       PRIMARY KEY ((project, incarnation, part, number)))`,
    `CREATE TABLE IF NOT EXISTS $.build_indexes (
       project text, incarnation text, build text, body text,
       PRIMARY KEY ((project, incarnation, build)))`,
    `CREATE TABLE IF NOT EXISTS $.control (
       project text, incarnation text, sequence bigint, body text,
       PRIMARY KEY ((project, incarnation)))`,
    `CREATE TABLE IF NOT EXISTS $.run_months (
       project text, incarnation text, job text, month int,
       PRIMARY KEY ((project, incarnation), job, month))
       WITH CLUSTERING ORDER BY (job ASC, month DESC)`,
    `CREATE TABLE IF NOT EXISTS $.runs (
       project text, incarnation text, job text, month int, started_at bigint, id text, body text,
       PRIMARY KEY ((project, incarnation, job, month), started_at, id))
       WITH CLUSTERING ORDER BY (started_at DESC, id DESC)`,
    // A claim brings the run's first record, so that whoever looks next can put it, should the claimer die in between.
    `CREATE TABLE IF NOT EXISTS $.slots (
       project text, incarnation text, job text, slot bigint, run text, body text,
       PRIMARY KEY ((project, incarnation, job), slot))
       WITH CLUSTERING ORDER BY (slot DESC)`,
  ],
};
