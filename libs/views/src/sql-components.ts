import { expressionKey } from './components.ts';
import { ViewError } from './errors.ts';
import type { Expr } from './expression.ts';
import { physical } from './physical.ts';
import type { SqlDialect, SqlSketch } from './sql-dialect.ts';
import { sqlNumber, sqlTextOf } from './sql-expression.ts';
import type { SqlColumn } from './sql-fold.ts';
import type { SqlTerm } from './sql-grouped.ts';
import { sqlInteger } from './sql-literals.ts';
import { sessionTime } from './sql-sessions.ts';
import type { Component } from './view.ts';

/** The expressions that components read, each once: a column of the events for each. */
export type Inputs = ReadonlyMap<string, { readonly name: string; readonly sql: string }>;

/** Each expression is computed once a record, however many components read it. */
export function inputsOf(components: readonly Component[], dialect: SqlDialect): Inputs {
  const inputs = new Map<string, { name: string; sql: string }>();
  for (const component of components) {
    if (!('of' in component)) continue;
    const key = inputKey(component);
    if (!inputs.has(key)) inputs.set(key, { name: `x${inputs.size}`, sql: inputSql(component, dialect) });
    if (component.kind !== 'first' && component.kind !== 'last') continue;
    for (const part of placeParts)
      if (!inputs.has(part)) inputs.set(part, { name: `x${inputs.size}`, sql: dialect.name(physical[placed[part]]) });
  }
  return inputs;
}

/** What a place is made of, and the column it is read from. */
const placed = { time: 'eventTime', partition: 'partition', offset: 'offset' } as const;
const placeParts = ['time', 'partition', 'offset'] as const;

type Input = Extract<Component, { readonly of: Expr }>;

function inputKey({ kind, of }: Input): string {
  return kind === 'distinct' ? `hash of ${expressionKey(of)}` : expressionKey(of);
}

function inputSql({ kind, of }: Input, dialect: SqlDialect): string {
  const value = of.type.kind === 'text' ? sqlTextOf(of, dialect) : sqlNumber(of, dialect);
  return kind === 'distinct' ? dialect.hash(value) : value;
}

/** How a component comes of the events of a group. */
export function componentTerm(component: Component, index: number, inputs: Inputs, dialect: SqlDialect): SqlTerm {
  const term = (holds: SqlColumn['holds'], sketch: SqlSketch): SqlTerm => ({
    column: { name: `m${index}`, holds, type: dialect.types[holds], role: 'component', index },
    sketch,
  });
  const plain = (holds: SqlColumn['holds'], sql: string): SqlTerm => term(holds, { by: 'aggregate', sql });
  if (component.kind === 'rows') return plain('number', 'count(*)');
  if (component.kind === 'lastTime') return plain('number', `max(${dialect.name(sessionTime)})`);
  if (component.kind === 'reducer') throw new ViewError('NOT_IN_SQL', 'A reducer is folded in JavaScript.');
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
    case 'histogram':
      return term('text', dialect.binned(binAmong(input, component.edges)));
    case 'countBy':
      return term('text', dialect.countBy(input, component.atMost));
    case 'first':
    case 'last': {
      const part = (name: (typeof placeParts)[number]): string => dialect.name(inputs.get(name)?.name ?? '');
      const place = { time: part('time'), partition: part('partition'), offset: part('offset') };
      return term('text', dialect.placed(component.kind, input, place));
    }
  }
}

/** How many edges are at most the value; null of null. */
function binAmong(value: string, edges: readonly number[]): string {
  const cases = edges.map((edge, bin) => `WHEN ${value} < ${sqlInteger(edge)} THEN ${sqlInteger(bin)}`);
  return `CASE WHEN ${value} IS NULL THEN NULL ${cases.join(' ')} ELSE ${sqlInteger(edges.length)} END`;
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
