import { ViewError } from './errors.ts';
import { physical } from './physical.ts';
import { componentTerm, inputsOf, type Inputs } from './sql-components.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { duckdbSql } from './sql-duckdb.ts';
import { sqlCondition, sqlNumber, sqlTextOf } from './sql-expression.ts';
import { groupedSql } from './sql-grouped.ts';
import { sqlInteger } from './sql-literals.ts';
import { sessionEvents, sessionTime } from './sql-sessions.ts';
import type { View } from './view.ts';

/**
 * A column of a fold's result. A number is an integer up to 2^53 in a DOUBLE (so that it arrives as a Float64Array as it
 * is); a sum is never null; a dimension, and min and max, may be null.
 */
export interface SqlColumn {
  readonly name: string;
  readonly holds: keyof SqlDialect['types'];
  /** What the engine calls its type. */
  readonly type: string;
  readonly role: 'dimension' | 'pane' | 'partition' | 'slice' | 'component';
  /** Which dimension or component of the view; 0 for the others. */
  readonly index: number;
}

export interface FoldSqlOptions {
  /** A level of the view, or a multiple of its finest. */
  readonly widthMs: number;
  /** What stands behind FROM, with the columns of `physical` and `fieldColumn`. */
  readonly relation: string;
  /** Only panes with `from <= start < to`; null: all. */
  readonly panes: { readonly from: number; readonly to: number } | null;
  /** Also split by partition and base slice of this size; null: do not. */
  readonly sliceSize: number | null;
  /** Only one of so many shares of the groups, which have every group once; all, unless told. */
  readonly share?: { readonly of: number; readonly index: number };
  /** Which engine's SQL; DuckDB's unless told. */
  readonly dialect?: SqlDialect;
}

/**
 * The view's fold as one statement: one row a key and pane (and slice), in no order, over the applied records
 * for which `where` is true. It gives the very partials that the fold over columns gives, or fails: a sum beyond 127
 * bits is an error of the engine, never a wrap. Throws `UNKNOWN_LEVEL`.
 */
export function foldSql(
  view: View,
  options: FoldSqlOptions,
): { readonly sql: string; readonly columns: readonly SqlColumn[] } {
  const finest = view.levels[0]?.widthMs ?? 0;
  if (!(options.widthMs > 0 && options.widthMs % finest === 0)) {
    throw new ViewError(
      'UNKNOWN_LEVEL',
      `Panes of ${options.widthMs} ms are no multiple of the finest level of view '${view.name}', ${finest} ms.`,
      { facts: { view: view.name, widthMs: options.widthMs, finestMs: finest } },
    );
  }
  const { dialect = duckdbSql } = options;
  const own = view.measures.find(({ kind }) => kind === 'reducer');
  if (own !== undefined)
    throw new ViewError(
      'NOT_IN_SQL',
      `View '${view.name}' has no SQL: its measure '${own.name}' is a reducer, and every engine folds it in JavaScript.`,
      { facts: { view: view.name, measure: own.name } },
    );
  const inputs = inputsOf(view.components, dialect);
  const groups = groupsOf(view, options, dialect);
  const read = [
    ...groups.map(({ column, sql }) => `${sql} AS ${dialect.name(column.name)}`),
    ...[...inputs.values()].map(({ name, sql }) => `${sql} AS ${dialect.name(name)}`),
  ];
  if (view.window.kind === 'session') read.push(`${dialect.name(physical.eventTime)} AS ${dialect.name(sessionTime)}`);
  const events = [
    `SELECT ${read.join(', ')} FROM ${options.relation} AS ${dialect.name('records')}`,
    `WHERE ${conditions(view, options, dialect).join(' AND ')}`,
  ].join(' ');
  const shared = sharedEvents(events, view, groups, options.share, dialect);
  const components = view.components.map((component, index) => componentTerm(component, index, inputs, dialect));
  const keys = groups.map(({ column }) => column);
  return {
    sql: groupedSql(parted(shared, view, groups, inputs, dialect), keys, components, dialect),
    columns: [...keys, ...components.map(({ column }) => column)].map((column, i) => ({ ...column, name: `c${i}` })),
  };
}

/** The events of one share. An interval's pane is not known yet: sessions are shared out by key alone. */
function sharedEvents(
  events: string,
  { window }: View,
  groups: readonly GroupTerm[],
  share: FoldSqlOptions['share'],
  { name, shareOf }: SqlDialect,
): string {
  const by = groups.filter(({ column }) => column.role !== 'pane' || window.kind !== 'session');
  if (share === undefined) return events;
  const all = `SELECT * FROM (${events}) AS ${name('all')} WHERE`;
  // A single group is in the first share.
  if (by.length === 0) return `${all} ${share.index === 0 ? 'true' : 'false'}`;
  const columns = by.map(({ column }) => name(column.name));
  return `${all} ${shareOf(columns, share.of)} = ${share.index}`;
}

/** Events of a session view are parted into intervals; others are in their panes already. */
function parted(
  events: string,
  { window }: View,
  groups: readonly GroupTerm[],
  inputs: Inputs,
  dialect: SqlDialect,
): string {
  if (window.kind !== 'session') return events;
  const of = {
    groups: groups.flatMap(({ column }) => (column.role === 'pane' ? [] : [column.name])),
    inputs: [...inputs.values()].map(({ name }) => name),
    gapMs: window.gapMs,
  };
  return sessionEvents(events, of, dialect);
}

/** What an event is grouped by. */
interface GroupTerm {
  readonly column: SqlColumn;
  readonly sql: string;
}

function groupsOf(view: View, options: FoldSqlOptions, dialect: SqlDialect): GroupTerm[] {
  const terms = view.dimensions.map(({ expr }, index): GroupTerm => {
    const isText = expr.type.kind === 'text';
    return {
      column: { name: `d${index}`, ...typed(isText ? 'text' : 'number', dialect), role: 'dimension', index },
      sql: isText ? sqlTextOf(expr, dialect) : sqlNumber(expr, dialect),
    };
  });
  const number = (role: 'pane' | 'partition' | 'slice', sql: string): GroupTerm => ({
    column: { name: role, ...typed('number', dialect), role, index: 0 },
    sql,
  });
  terms.push(number('pane', floored(dialect.name(physical.eventTime), options.widthMs)));
  if (options.sliceSize !== null) {
    terms.push(number('partition', dialect.name(physical.partition)));
    terms.push(number('slice', floored(dialect.name(physical.offset), options.sliceSize)));
  }
  return terms;
}

function typed(holds: SqlColumn['holds'], dialect: SqlDialect): Pick<SqlColumn, 'holds' | 'type'> {
  return { holds, type: dialect.types[holds] };
}

/** Instants and offsets are integers up to this size. */
const largest = 2n ** 53n;

/**
 * The multiple of `width` at or below a BIGINT of at most 2^53. `%` truncates towards zero and a division would round
 * the wrong way, so the value is first lifted above zero by a multiple of the width: one remainder a record, not two.
 */
export function floored(value: string, width: number): string {
  const by = BigInt(width);
  const lift = (largest / by + 1n) * by;
  return `(${value} - (${value} + CAST(${lift} AS BIGINT)) % CAST(${by} AS BIGINT))`;
}

function conditions(view: View, { panes, widthMs }: FoldSqlOptions, dialect: SqlDialect): string[] {
  const time = dialect.name(physical.eventTime);
  const all = [`${dialect.name(physical.class)} = 0`];
  // A pane starts at or above `from` when its events are at or above the first pane edge there.
  const edge = (at: number): string => sqlInteger(Math.ceil(at / widthMs) * widthMs);
  if (panes !== null) all.push(`${time} >= ${edge(panes.from)}`, `${time} < ${edge(panes.to)}`);
  if (view.where !== null) all.push(sqlCondition(view.where, dialect));
  return all;
}
