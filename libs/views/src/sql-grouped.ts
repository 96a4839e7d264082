import type { SqlDialect, SqlSketch } from './sql-dialect.ts';
import type { SqlColumn } from './sql-fold.ts';

/** A column of a group's result, and how it comes of the group's events. */
export interface SqlTerm {
  readonly column: SqlColumn;
  readonly sketch: SqlSketch;
}

/** Groups the rows of a query: `keys` are columns of it. The result's columns are `c0`, `c1`, …: the keys, then the terms. */
export function groupedSql(
  events: string,
  keys: readonly SqlColumn[],
  terms: readonly SqlTerm[],
  dialect: SqlDialect,
): string {
  const { name } = dialect;
  const all = name('events');
  const grouped = keys.map((key) => `${all}.${name(key.name)}`).join(', ');
  const plain = terms.flatMap(({ column, sketch }) =>
    sketch.by === 'aggregate' ? [{ column, sql: typed(column, sketch.sql) }] : [],
  );
  if (plain.length < terms.length) return unitedSql(events, keys, terms, dialect);
  const selected = [...keys.map((key) => ({ sql: typed(key, name(key.name)) })), ...plain];
  const items = selected.map(({ sql }, i) => `${sql} AS ${name(`c${i}`)}`).join(', ');
  return `SELECT ${items} FROM (${events}) AS ${all} GROUP BY ${grouped}`;
}

/**
 * The same where sketches are queries of their own: the aggregates and each sketch give rows of one form, in which what
 * is not theirs is null, and the rows of a group are brought together.
 */
function unitedSql(events: string, keys: readonly SqlColumn[], terms: readonly SqlTerm[], dialect: SqlDialect): string {
  const { name } = dialect;
  const [all, united] = [name('events'), name('united')];
  const groups = keys.map((key) => name(key.name));
  const form = (own: (term: SqlTerm) => string | null): string =>
    [
      ...groups,
      ...terms.map((term) => `${own(term) ?? `CAST(NULL AS ${term.column.type})`} AS ${name(term.column.name)}`),
    ].join(', ');
  const aggregates = form(({ column, sketch }) => (sketch.by === 'aggregate' ? typed(column, sketch.sql) : null));
  const branches = [`SELECT ${aggregates} FROM ${all} GROUP BY ${groups.join(', ')}`];
  for (const { column, sketch } of terms) {
    if (sketch.by !== 'query') continue;
    const own = form((term) => (term.column === column ? name('sketch') : null));
    branches.push(`SELECT ${own} FROM (${sketch.sql(groups)}) AS ${name('sketches')}`);
  }
  const selected = [
    ...keys.map((key) => typed(key, name(key.name))),
    ...terms.map(({ column, sketch }) => {
      const one = `max(${name(column.name)})`;
      return sketch.by === 'query' ? `coalesce(${one}, ${dialect.text(sketch.empty)})` : one;
    }),
  ];
  return [
    `WITH ${all} AS (${events})`,
    `SELECT ${selected.map((sql, i) => `${sql} AS ${name(`c${i}`)}`).join(', ')}`,
    `FROM (${branches.join(' UNION ALL ')}) AS ${united} GROUP BY ${groups.join(', ')}`,
  ].join(' ');
}

/** A number in the type that it arrives in. */
function typed({ holds, type }: SqlColumn, sql: string): string {
  return holds === 'number' ? `CAST(${sql} AS ${type})` : sql;
}
