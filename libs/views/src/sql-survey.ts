import { physical } from './physical.ts';
import { floored } from './sql-fold.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { duckdbSql } from './sql-duckdb.ts';

export interface SurveySqlOptions {
  /** What stands behind FROM, with the columns of `physical`. */
  readonly relation: string;
  readonly bucketMs: number;
  /** Which engine's SQL; DuckDB's unless told. */
  readonly dialect?: SqlDialect;
}

/**
 * What lies in a relation, as one statement: a row for each bucket of event time that has an applied record,
 * in no order, with three DOUBLE columns in this order: `bucket` (its start), `max_event_time`, `applied` (how many).
 * Every applied record counts, whatever a view's `where` says, so it is the same for all views of a stream.
 */
export function surveySql({ relation, bucketMs, dialect = duckdbSql }: SurveySqlOptions): string {
  const { name } = dialect;
  const time = name(physical.eventTime);
  const [pane, at, events] = [name('pane'), name('time'), name('events')];
  return [
    `SELECT CAST(${pane} AS DOUBLE) AS ${name('bucket')}, CAST(max(${at}) AS DOUBLE) AS ${name('max_event_time')},`,
    `CAST(count(*) AS DOUBLE) AS ${name('applied')}`,
    `FROM (SELECT ${floored(time, bucketMs)} AS ${pane}, ${time} AS ${at} FROM ${relation} AS ${name('records')}`,
    `WHERE ${name(physical.class)} = 0) AS ${events} GROUP BY ${events}.${pane}`,
  ].join(' ');
}
