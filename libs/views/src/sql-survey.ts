import { physical } from './physical.ts';
import { floored } from './sql-fold.ts';
import { sqlName } from './sql-literals.ts';

export interface SurveySqlOptions {
  /** What stands behind FROM, with the columns of `physical`. */
  readonly relation: string;
  readonly bucketMs: number;
}

/**
 * What lies in a relation, as one statement of DuckDB: a row for each bucket of event time that has an applied record,
 * in no order, with three DOUBLE columns in this order: `bucket` (its start), `max_event_time`, `applied` (how many).
 * Every applied record counts, whatever a view's `where` says, so it is the same for all views of a stream.
 */
export function surveySql(options: SurveySqlOptions): string {
  const time = sqlName(physical.eventTime);
  return [
    'SELECT CAST("pane" AS DOUBLE) AS "bucket", CAST(max("time") AS DOUBLE) AS "max_event_time",',
    'CAST(count(*) AS DOUBLE) AS "applied"',
    `FROM (SELECT ${floored(time, options.bucketMs)} AS "pane", ${time} AS "time" FROM ${options.relation} AS "records"`,
    `WHERE ${sqlName(physical.class)} = 0) AS "events" GROUP BY "events"."pane"`,
  ].join(' ');
}
