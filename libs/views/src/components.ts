import { canonicalJson } from '@twofold/schemas';
import { changeComponents, heldRows } from './change-measures.ts';
import type { Expr } from './expression.ts';
import type { Component, Measure } from './view.ts';

/** Expressions never change, and every answer asks for the keys of the same few. */
const keyOf = new WeakMap<Expr, string>();

/** Text that two expressions share exactly when they are the same tree: their identity. */
export function expressionKey(expr: Expr): string {
  const known = keyOf.get(expr);
  if (known !== undefined) return known;
  const key = canonicalJson(expr);
  keyOf.set(expr, key);
  return key;
}

/**
 * What a partial holds for these measures: `rows` first, of sessions then `lastTime`, then each component once, in the
 * order of first need.
 */
export function componentsOf(
  measures: readonly Measure[],
  overChanges = false,
  sessions = false,
): readonly Component[] {
  const components = new Map<string, Component>([['rows', { kind: 'rows' }]]);
  const needed = measures.flatMap((measure) => componentsOfMeasure(measure, overChanges));
  const second: readonly Component[] = sessions ? [{ kind: 'lastTime' }] : overChanges ? [heldRows] : [];
  for (const component of [...second, ...needed]) {
    const key = componentKey(component);
    if (!components.has(key)) components.set(key, component);
  }
  return [...components.values()];
}

/**
 * The components a measure is presented from, in this order: count → [rows or count]; sum → [sum, count];
 * avg → [sum, count]; ratio → [sum, count, sum of the divisor]; variance, stddev → [count, sum, sumSquares];
 * quantile → [bins]; every other → [the component of its own kind].
 * The count of what can never be null is `rows`. A sum has its count because the sum of no value is null, not 0.
 * Over a change stream they are other ones (`change-measures.ts`).
 */
export function componentsOfMeasure(measure: Measure, overChanges = false): readonly Component[] {
  if (overChanges) return changeComponents(measure);
  if (measure.kind === 'count') return [countOf(measure.of)];
  if (measure.kind === 'reducer') {
    const { inputs, reducer } = measure;
    return [{ kind: 'reducer', inputs, reducer }];
  }
  const of = measure.of;
  switch (measure.kind) {
    case 'sum':
    case 'avg':
      return [{ kind: 'sum', of }, countOf(of)];
    case 'min':
    case 'max':
    case 'first':
    case 'last':
      return [{ kind: measure.kind, of }];
    case 'ratio':
      return [{ kind: 'sum', of }, countOf(of), { kind: 'sum', of: measure.by }];
    case 'histogram':
      return [{ kind: 'histogram', of, edges: measure.edges }];
    case 'countBy':
      return [{ kind: 'countBy', of, atMost: measure.atMost }];
    case 'variance':
    case 'stddev':
      return [countOf(of), { kind: 'sum', of }, { kind: 'sumSquares', of }];
    case 'distinct':
      return [{ kind: 'distinct', of, precision: measure.precision }];
    case 'quantile':
      return [{ kind: 'bins', of, bits: measure.bits }];
  }
}

/** Where in `components` the components of a measure stand, in the order of `componentsOfMeasure`. */
export function componentIndexes(
  components: readonly Component[],
  measure: Measure,
  overChanges = false,
): readonly number[] {
  const keys = components.map(componentKey);
  return componentsOfMeasure(measure, overChanges).map((component) => keys.indexOf(componentKey(component)));
}

function countOf(of: Expr | null): Component {
  return of === null || !of.type.nullable ? { kind: 'rows' } : { kind: 'count', of };
}

/** Text that two components share exactly when every partial has the same of both. */
export function componentKey(component: Component): string {
  if (component.kind === 'rows' || component.kind === 'lastTime') return component.kind;
  if (component.kind === 'reducer') {
    const inputs = component.inputs.map(({ name, expr }) => `${name} ${expressionKey(expr)}`);
    return `reducer ${component.reducer.digest} ${inputs.join(' ')}`;
  }
  return `${component.kind}${parameterOf(component)} ${expressionKey(component.of)}`;
}

function parameterOf(component: Component): string {
  switch (component.kind) {
    case 'distinct':
      return ` ${component.precision}`;
    case 'bins':
      return ` ${component.bits}`;
    case 'histogram':
      return ` ${component.edges.join()}`;
    case 'countBy':
      return ` ${component.atMost}`;
    default:
      return '';
  }
}
