import type { Migration } from './migration.ts';

/** One row a job, changed by compare-and-set. It says which slots are settled: claims of slots are not needed any more. */
export const jobs: Migration = {
  number: 2,
  name: 'jobs',
  statements: [
    `CREATE TABLE IF NOT EXISTS $.jobs (
       project text, incarnation text, job text, sequence bigint, body text,
       PRIMARY KEY ((project, incarnation, job)))`,
    `CREATE TABLE IF NOT EXISTS $.job_names (
       project text, incarnation text, job text,
       PRIMARY KEY ((project, incarnation), job))`,
    'DROP TABLE IF EXISTS $.slots',
  ],
};
