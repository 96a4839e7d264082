import { componentKey, expressionKey } from './components.ts';
import type { Expr } from './expression.ts';
import type { View } from './view.ts';

/** How the partials of one view are summed from those of another. */
export interface ViewProjection {
  readonly base: View;
  /** Only keys of the base for which it holds, over fields that are dimensions of it; null: all keys. */
  readonly where: Expr | null;
  /** By dimension of the view that is summed: its place among the base's. */
  readonly dimensions: readonly number[];
  /** By component of the base: its place in the view that is summed; -1: it is of no use there. */
  readonly components: readonly number[];
}

/**
 * The view's partials from those of `base`, which divides events at least as finely, holds every component, and sees the same
 * events, or more that its keys tell apart; null when it does not. Sessions are no sums of other sessions: those of fewer
 * dimensions are longer. Panes are another matter: they have to be as wide as the base's or a multiple.
 */
export function projectionOf(base: View, of: View): ViewProjection | null {
  if (base.stream.name !== of.stream.name || base.stream.fingerprint !== of.stream.fingerprint) return null;
  if (base.window.kind === 'session' || of.window.kind === 'session') return null;
  const more = conditionsLeft(base.where, of.where);
  if (more === null || !more.every((condition) => isOfKeys(condition, base))) return null;
  const divided = base.dimensions.map(({ expr }) => expressionKey(expr));
  const dimensions = of.dimensions.map(({ expr }) => divided.indexOf(expressionKey(expr)));
  const wanted = of.components.map(componentKey);
  const components = base.components.map((component) => wanted.indexOf(componentKey(component)));
  const isWhole = wanted.every((_, place) => components.includes(place));
  return dimensions.includes(-1) || !isWhole ? null : { base, where: joined(more), dimensions, components };
}

/** What has to hold besides the base's conditions; null: not all of those are conditions of the view. */
function conditionsLeft(base: Expr | null, of: Expr | null): readonly Expr[] | null {
  const asked = new Set(conditionsOf(base).map(expressionKey));
  const all = conditionsOf(of);
  const known = new Set(all.map(expressionKey));
  return [...asked].every((key) => known.has(key)) ? all.filter((each) => !asked.has(expressionKey(each))) : null;
}

function conditionsOf(where: Expr | null): readonly Expr[] {
  if (where === null) return [];
  return where.op === 'and' ? where.args.flatMap(conditionsOf) : [where];
}

function joined(conditions: readonly Expr[]): Expr | null {
  const [first] = conditions;
  if (first === undefined) return null;
  return conditions.length === 1 ? first : { type: first.type, op: 'and', args: conditions };
}

function isOfKeys(condition: Expr, { dimensions }: View): boolean {
  const told = new Set(dimensions.flatMap(({ expr }) => (expr.op === 'field' ? [expr.field] : [])));
  return fieldsOf(condition).every((field) => told.has(field));
}

/** Every field that stands somewhere in the tree. */
function fieldsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'op' in node && node.op === 'field' && 'field' in node ? [String(node.field)] : [];
  return [...own, ...Object.values(node).flatMap(fieldsOf)];
}
