import type { Migration } from './migration.ts';

/** Dead letters below a mark were dropped for good: whoever writes one late writes what nobody reads (E21). */
export const droppedLetters: Migration = {
  number: 3,
  name: 'dropped-letters',
  statements: [
    `CREATE TABLE IF NOT EXISTS $.dropped_letters (
       project text, incarnation text, stream text, partition int, below bigint,
       PRIMARY KEY ((project, incarnation, stream), partition))`,
  ],
};
