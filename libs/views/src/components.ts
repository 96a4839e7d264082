import { canonicalJson } from '@twofold/schemas';
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

/** What a partial holds for these measures: `rows` first, then each component once, in the order of first need. */
export function componentsOf(measures: readonly Measure[]): readonly Component[] {
  const components = new Map<string, Component>([['rows', { kind: 'rows' }]]);
  for (const component of measures.flatMap(componentsOfMeasure)) {
    const key = componentKey(component);
    if (!components.has(key)) components.set(key, component);
  }
  return [...components.values()];
}

/**
 * The components a measure is presented from, in this order: count → [rows or count]; sum → [sum, count];
 * avg → [sum, count]; min, max → [min or max]; variance, stddev → [count, sum, sumSquares];
 * distinct → [distinct]; quantile → [bins].
 * The count of what can never be null is `rows`. A sum has its count because the sum of no value is null, not 0.
 */
export function componentsOfMeasure(measure: Measure): readonly Component[] {
  if (measure.kind === 'count') return [countOf(measure.of)];
  const of = measure.of;
  switch (measure.kind) {
    case 'sum':
    case 'avg':
      return [{ kind: 'sum', of }, countOf(of)];
    case 'min':
      return [{ kind: 'min', of }];
    case 'max':
      return [{ kind: 'max', of }];
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
export function componentIndexes(components: readonly Component[], measure: Measure): readonly number[] {
  const keys = components.map(componentKey);
  return componentsOfMeasure(measure).map((component) => keys.indexOf(componentKey(component)));
}

function countOf(of: Expr | null): Component {
  return of === null || !of.type.nullable ? { kind: 'rows' } : { kind: 'count', of };
}

function componentKey(component: Component): string {
  if (component.kind === 'rows') return 'rows';
  return `${component.kind}${parameterOf(component)} ${expressionKey(component.of)}`;
}

function parameterOf(component: Component): string {
  if (component.kind === 'distinct') return ` ${component.precision}`;
  return component.kind === 'bins' ? ` ${component.bits}` : '';
}
