import { expressionKey } from './components.ts';
import { ViewError } from './errors.ts';
import type { Expr } from './expression.ts';
import { physical } from './physical.ts';
import type { SqlDialect, SqlSketch } from './sql-dialect.ts';
import { duckdbSql } from './sql-duckdb.ts';
import { sqlCondition, sqlNumber, sqlTextOf } from './sql-expression.ts';
import { groupedSql, type SqlTerm } from './sql-grouped.ts';
import { sqlInteger } from './sql-literals.ts';
import { sessionEvents, sessionTime } from './sql-sessions.ts';
import type { Component, View } from './view.ts';

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

type Inputs = ReadonlyMap<string, { readonly name: string; readonly sql: string }>;

/** Each expression is computed once a record, however many components read it. */
function inputsOf(components: readonly Component[], dialect: SqlDialect): Inputs {
  const inputs = new Map<string, { name: string; sql: string }>();
  for (const component of components) {
    if (!('of' in component)) continue;
    const key = inputKey(component);
    if (!inputs.has(key)) inputs.set(key, { name: `x${inputs.size}`, sql: inputSql(component, dialect) });
  }
  return inputs;
}

type Input = Exclude<Component, { readonly kind: 'rows' | 'lastTime' }>;

function inputKey({ kind, of }: Input): string {
  return kind === 'distinct' ? `hash of ${expressionKey(of)}` : expressionKey(of);
}

function inputSql({ kind, of }: Input, dialect: SqlDialect): string {
  const value = of.type.kind === 'text' ? sqlTextOf(of, dialect) : sqlNumber(of, dialect);
  return kind === 'distinct' ? dialect.hash(value) : value;
}

function componentTerm(component: Component, index: number, inputs: Inputs, dialect: SqlDialect): SqlTerm {
  const term = (holds: SqlColumn['holds'], sketch: SqlSketch): SqlTerm => ({
    column: { name: `m${index}`, ...typed(holds, dialect), role: 'component', index },
    sketch,
  });
  const plain = (holds: SqlColumn['holds'], sql: string): SqlTerm => term(holds, { by: 'aggregate', sql });
  if (component.kind === 'rows') return plain('number', 'count(*)');
  if (component.kind === 'lastTime') return plain('number', `max(${dialect.name(sessionTime)})`);
  const input = dialect.name(inputs.get(inputKey(component))?.name ?? '');
  switch (component.kind) {
    case 'count':
      return plain('number', `count(${input})`);
    case 'sum':
      return plain('sum', zeroWithout(dialect.sum(input), dialect));
    case 'sumSquares':
      return plain('sum', zeroWithout(dialect.sumOfSquares(input, squareFits(component.of)), dialect));
    case 'min':
    case 'max':
      return plain(component.of.type.kind === 'text' ? 'text' : 'number', `${component.kind}(${input})`);
    case 'distinct':
      return term('text', dialect.distinct(input, component.precision));
    case 'bins':
      return term('text', dialect.bins(input, component.bits));
  }
}

/**
 * Is every square that the declared range allows a BIGINT? Wider products are slow. Were a value outside its range, the
 * engine would fail: its arithmetic never wraps.
 */
function squareFits({ type }: Expr): boolean {
  if (type.kind === 'boolean') return true;
  if (type.kind === 'text') return false;
  const largestFactor = BigInt(Math.max(Math.abs(type.min), Math.abs(type.max)));
  return largestFactor * largestFactor < 2n ** 63n;
}

/** A partial's sum of no value is 0; its count tells the difference. */
function zeroWithout(sum: string, { types }: SqlDialect): string {
  return `coalesce(${sum}, CAST(0 AS ${types.sum}))`;
}
