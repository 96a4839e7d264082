import type { SqlDialect, SqlSketch } from './sql-dialect.ts';
import type { SqlColumn } from './sql-fold.ts';

/** A column of a group's result, and how it comes of the group's events. */
export interface SqlTerm {
  readonly column: SqlColumn;
  readonly sketch: SqlSketch;
}

/**
 * Groups the rows of a query: `keys` are columns of it. The result's columns are `c0`, `c1`, …: the keys, then the
 * terms. Sketches that are queries of their own are joined to the aggregates by the group, in which null is a value.
 */
export function groupedSql(
  events: string,
  keys: readonly SqlColumn[],
  terms: readonly SqlTerm[],
  dialect: SqlDialect,
): string {
  const { name } = dialect;
  const groups = keys.map((key) => name(key.name));
  const queries = terms.flatMap(({ column, sketch }) =>
    sketch.by === 'query' ? [{ alias: name(column.name), sql: sketch.sql(groups) }] : [],
  );
  const typed = ({ holds, type }: SqlColumn, sql: string): string =>
    holds === 'number' ? `CAST(${sql} AS ${type})` : sql;
  const selected = (of: (key: string) => string): string =>
    [
      ...keys.map((key) => typed(key, of(name(key.name)))),
      ...terms.map(({ column, sketch }) => {
        if (sketch.by === 'query')
          return `coalesce(${name(column.name)}.${name('sketch')}, ${dialect.text(sketch.empty)})`;
        return queries.length === 0 ? typed(column, sketch.sql) : `${name('aggregates')}.${name(column.name)}`;
      }),
    ]
      .map((sql, i) => `${sql} AS ${name(`c${i}`)}`)
      .join(', ');
  const all = name('events');
  const grouped = groups.map((group) => `${all}.${group}`).join(', ');
  if (queries.length === 0) return `SELECT ${selected((key) => key)} FROM (${events}) AS ${all} GROUP BY ${grouped}`;
  const aggregates = terms.flatMap(({ column, sketch }) =>
    sketch.by === 'aggregate' ? [`${typed(column, sketch.sql)} AS ${name(column.name)}`] : [],
  );
  const base = name('aggregates');
  const joins = queries.map(
    ({ alias, sql }) =>
      `LEFT JOIN (${sql}) AS ${alias} ON ${groups.map((group) => `${base}.${group} <=> ${alias}.${group}`).join(' AND ')}`,
  );
  return [
    `WITH ${all} AS (${events})`,
    `SELECT ${selected((key) => `${base}.${key}`)}`,
    `FROM (SELECT ${[...groups, ...aggregates].join(', ')} FROM ${all} GROUP BY ${grouped}) AS ${base}`,
    ...joins,
  ].join(' ');
}
