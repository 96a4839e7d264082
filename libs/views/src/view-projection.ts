import { componentKey, expressionKey } from './components.ts';
import type { Expr } from './expression.ts';
import type { View } from './view.ts';

/** How the partials of one view are summed from those of another. */
export interface ViewProjection {
  readonly base: View;
  /** By dimension of the view that is summed: its place among the base's. */
  readonly dimensions: readonly number[];
  /** By component of the base: its place in the view that is summed; -1: it is of no use there. */
  readonly components: readonly number[];
}

/**
 * The view's partials from those of `base`, which sees the same events, divides them at least as finely, and holds every
 * component; null when it does not. Sessions are no sums of other sessions: those of fewer dimensions are longer.
 * Panes are another matter: they have to be as wide as the base's or a multiple.
 */
export function projectionOf(base: View, of: View): ViewProjection | null {
  if (base.stream.name !== of.stream.name || base.stream.fingerprint !== of.stream.fingerprint) return null;
  if (base.window.kind === 'session' || of.window.kind === 'session') return null;
  if (textOf(base.where) !== textOf(of.where)) return null;
  const divided = base.dimensions.map(({ expr }) => expressionKey(expr));
  const dimensions = of.dimensions.map(({ expr }) => divided.indexOf(expressionKey(expr)));
  const wanted = of.components.map(componentKey);
  const components = base.components.map((component) => wanted.indexOf(componentKey(component)));
  const isWhole = wanted.every((_, place) => components.includes(place));
  return dimensions.includes(-1) || !isWhole ? null : { base, dimensions, components };
}

function textOf(where: Expr | null): string {
  return where === null ? '' : expressionKey(where);
}
