import type { SqlDialect } from './sql-dialect.ts';

/** The column that has the event time, beside those that a fold reads. */
export const sessionTime = 'time';

/**
 * Rows of a query, their buckets (the column `pane`) replaced by the start of the interval that each is in: one begins
 * where no event of the same group and bucket lies in the gap before it. All events of one instant are of one interval,
 * in whatever order the engine takes them: the second window takes rows of equal time together.
 * @param groups columns that the intervals are parted by, the bucket left out
 */
export function sessionEvents(
  events: string,
  of: { readonly groups: readonly string[]; readonly inputs: readonly string[]; readonly gapMs: number },
  { name }: SqlDialect,
): string {
  const [time, bucket, opened] = [name(sessionTime), name('pane'), name('opened')];
  const parts = [...of.groups.map(name), bucket].join(', ');
  const kept = [...of.groups.map(name), ...of.inputs.map(name), time];
  const before = `lag(${time}) OVER (PARTITION BY ${parts} ORDER BY ${time})`;
  const opens = `CASE WHEN ${time} - ${before} <= CAST(${BigInt(of.gapMs)} AS BIGINT) THEN NULL ELSE ${time} END`;
  const start = `max(${opened}) OVER (PARTITION BY ${parts} ORDER BY ${time} RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
  return [
    `SELECT ${kept.join(', ')}, ${start} AS ${bucket}`,
    `FROM (SELECT ${[...kept, bucket].join(', ')}, ${opens} AS ${opened} FROM (${events}) AS ${name('timed')}) AS ${name('opening')}`,
  ].join(' ');
}
