import { expressionKey } from './components.ts';
import { ViewError } from './errors.ts';
import type { Expr } from './expression.ts';
import { physical } from './physical.ts';
import { sqlCondition, sqlNumber, sqlTextOf } from './sql-expression.ts';
import { sqlInteger, sqlName } from './sql-literals.ts';
import { binsSql, distinctSql, hashSql } from './sql-sketches.ts';
import type { Component, View } from './view.ts';

/**
 * A column of a fold's result. DOUBLE holds an integer up to 2^53 (so that it arrives as a Float64Array as it is);
 * HUGEINT is a sum, never null; a dimension, and min and max, may be null.
 */
export interface SqlColumn {
  readonly name: string;
  readonly type: 'DOUBLE' | 'HUGEINT' | 'VARCHAR';
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
}

/**
 * The view's fold as one statement of DuckDB: one row a key and pane (and slice), in no order, over the applied records
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
  const inputs = inputsOf(view.components);
  const groups = groupsOf(view, options);
  const inner = [
    ...groups.map(({ column, sql }) => `${sql} AS ${sqlName(column.name)}`),
    ...[...inputs.values()].map(({ name, sql }) => `${sql} AS ${sqlName(name)}`),
  ];
  const components = view.components.map((component, index) => componentColumn(component, index, inputs));
  const outer = [...groups.map(({ column }) => ({ column, sql: sqlName(column.name) })), ...components];
  const selected = outer.map(({ column, sql }) => `${column.type === 'DOUBLE' ? `CAST(${sql} AS DOUBLE)` : sql}`);
  const sql = [
    `SELECT ${selected.map((term, i) => `${term} AS ${sqlName(`c${i}`)}`).join(', ')}`,
    `FROM (SELECT ${inner.join(', ')} FROM ${options.relation} AS "records"`,
    `WHERE ${conditions(view, options).join(' AND ')}) AS "events"`,
    `GROUP BY ${groups.map(({ column }) => `"events".${sqlName(column.name)}`).join(', ')}`,
  ].join(' ');
  return { sql, columns: outer.map(({ column }, i) => ({ ...column, name: `c${i}` })) };
}

interface Term {
  readonly column: SqlColumn;
  readonly sql: string;
}

function groupsOf(view: View, options: FoldSqlOptions): Term[] {
  const terms = view.dimensions.map(({ expr }, index): Term => {
    const isText = expr.type.kind === 'text';
    const column = { name: `d${index}`, type: isText ? 'VARCHAR' : 'DOUBLE', role: 'dimension', index } as const;
    return { column, sql: isText ? sqlTextOf(expr) : sqlNumber(expr) };
  });
  const number = (role: 'pane' | 'partition' | 'slice', sql: string): Term => ({
    column: { name: role, type: 'DOUBLE', role, index: 0 },
    sql,
  });
  terms.push(number('pane', floored(sqlName(physical.eventTime), options.widthMs)));
  if (options.sliceSize !== null) {
    terms.push(number('partition', sqlName(physical.partition)));
    terms.push(number('slice', floored(sqlName(physical.offset), options.sliceSize)));
  }
  return terms;
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

function conditions(view: View, { panes, widthMs }: FoldSqlOptions): string[] {
  const time = sqlName(physical.eventTime);
  const all = [`${sqlName(physical.class)} = 0`];
  // A pane starts at or above `from` when its events are at or above the first pane edge there.
  const edge = (at: number): string => sqlInteger(Math.ceil(at / widthMs) * widthMs);
  if (panes !== null) all.push(`${time} >= ${edge(panes.from)}`, `${time} < ${edge(panes.to)}`);
  if (view.where !== null) all.push(sqlCondition(view.where));
  return all;
}

type Inputs = ReadonlyMap<string, { readonly name: string; readonly sql: string }>;

/** Each expression is computed once a record, however many components read it. */
function inputsOf(components: readonly Component[]): Inputs {
  const inputs = new Map<string, { name: string; sql: string }>();
  for (const component of components) {
    if (component.kind === 'rows') continue;
    const key = inputKey(component);
    if (!inputs.has(key)) inputs.set(key, { name: `x${inputs.size}`, sql: inputSql(component) });
  }
  return inputs;
}

type Input = Exclude<Component, { readonly kind: 'rows' }>;

function inputKey({ kind, of }: Input): string {
  return kind === 'distinct' ? `hash of ${expressionKey(of)}` : expressionKey(of);
}

function inputSql({ kind, of }: Input): string {
  const value = of.type.kind === 'text' ? sqlTextOf(of) : sqlNumber(of);
  return kind === 'distinct' ? hashSql(value) : value;
}

function componentColumn(component: Component, index: number, inputs: Inputs): Term {
  const about = { name: `m${index}`, role: 'component', index } as const;
  if (component.kind === 'rows') return { column: { ...about, type: 'DOUBLE' }, sql: 'count(*)' };
  const input = sqlName(inputs.get(inputKey(component))?.name ?? '');
  switch (component.kind) {
    case 'count':
      return { column: { ...about, type: 'DOUBLE' }, sql: `count(${input})` };
    case 'sum':
      return { column: { ...about, type: 'HUGEINT' }, sql: zeroWithout(`sum(${input})`) };
    case 'sumSquares': {
      const factor = squareFits(component.of) ? input : `CAST(${input} AS HUGEINT)`;
      return { column: { ...about, type: 'HUGEINT' }, sql: zeroWithout(`sum(${factor} * ${factor})`) };
    }
    case 'min':
    case 'max': {
      const type = component.of.type.kind === 'text' ? 'VARCHAR' : 'DOUBLE';
      return { column: { ...about, type }, sql: `${component.kind}(${input})` };
    }
    case 'distinct':
      return { column: { ...about, type: 'VARCHAR' }, sql: distinctSql(input, component.precision) };
    case 'bins':
      return { column: { ...about, type: 'VARCHAR' }, sql: binsSql(input, component.bits) };
  }
}

/**
 * Is every square that the declared range allows a BIGINT? Products of HUGEINTs are slow. Were a value outside its range,
 * the engine would fail: its arithmetic never wraps.
 */
function squareFits({ type }: Expr): boolean {
  if (type.kind === 'boolean') return true;
  if (type.kind === 'text') return false;
  const largestFactor = BigInt(Math.max(Math.abs(type.min), Math.abs(type.max)));
  return largestFactor * largestFactor < 2n ** 63n;
}

/** A partial's sum of no value is 0; its count tells the difference. */
function zeroWithout(sum: string): string {
  return `coalesce(${sum}, CAST(0 AS HUGEINT))`;
}
