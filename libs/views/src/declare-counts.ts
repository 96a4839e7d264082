import type { CountedValues } from './answer-form.ts';
import { MeasureBuilder, type MeasureDraft, type NumberValue } from './declare-measures.ts';
import type { ReportProblem } from './errors.ts';
import type { BooleanExpression } from './expression-base.ts';
import type { NumberExpression, TextExpression, TimeExpression } from './expression-builders.ts';
import type { Expr } from './expression.ts';
import { expressionText } from './expression-text.ts';
import { literalUnits } from './expression-units.ts';
import type { Measure } from './view.ts';

/** Each edge is a case of its own in an engine's statement. */
const mostEdges = 256;

/**
 * How many values lie below the first edge, between each two, and at or above the last: an edge belongs to the bin that
 * begins with it. Edges rise, and are written as the field's values are: of a decimal in its own measure.
 */
export function histogram(of: NumberExpression, edges: readonly number[]): MeasureBuilder<readonly number[], false> {
  return new MeasureBuilder({ kind: 'histogram', of: of.draft, unit: null, description: null, edges });
}

/** A checked `histogram`. */
export function checkedHistogram(
  { edges = [] }: MeasureDraft,
  of: Expr,
  path: string,
  report: ReportProblem,
): Pick<Extract<Measure, { kind: 'histogram' }>, 'kind' | 'of' | 'edges'> {
  const name = expressionText(of);
  if (of.type.kind !== 'number') {
    report('KIND_INVALID', path, `histogram of '${name}' is of kind ${of.type.kind}; it takes numbers.`);
    return { kind: 'histogram', of, edges: [] };
  }
  const units: number[] = [];
  for (const edge of edges) {
    const found = literalUnits(edge, of.type);
    if (typeof found === 'number') units.push(found + 0);
    else report('LITERAL_INEXACT', path, `the edge ${edge} stands beside '${name}', but it ${found.reason}.`);
  }
  if (edges.length === 0 || edges.length > mostEdges)
    report('HISTOGRAM_INVALID', path, `a histogram has 1 to ${mostEdges} edges, and not ${edges.length}.`);
  const falling = edges.findIndex((edge, i) => i > 0 && !(edge > (edges[i - 1] ?? -Infinity)));
  if (falling > 0) {
    const [before, edge] = [edges[falling - 1], edges[falling]];
    report('HISTOGRAM_INVALID', path, `the edges of a histogram rise, and ${edge} does not follow ${before}.`);
  }
  return { kind: 'histogram', of, edges: units };
}

type Countable = TextExpression | NumberExpression | TimeExpression | BooleanExpression;

/** In the form that answers have. */
type ValueOf<E extends Countable> =
  E extends TextExpression<boolean, infer V>
    ? V
    : E extends NumberExpression<boolean, infer F>
      ? NumberValue<F>
      : E extends BooleanExpression
        ? boolean
        : string;

/** So many different values at the most are kept of one key and pane. */
const mostValues = 10_000;
const usualValues = 100;

/**
 * How many events have each value, nulls left out: `values` with the most events first, exact while a window has at most
 * `atMost` different ones (100 unless told). With more, `values` is null, and `total` says how many events have any. Of
 * an open set of values make the value a dimension, and order by a count.
 */
export function countBy<E extends Countable>(
  of: E,
  options: { readonly atMost?: number } = {},
): MeasureBuilder<CountedValues<ValueOf<E>>, false> {
  const { atMost = usualValues } = options;
  return new MeasureBuilder({ kind: 'countBy', of: of.draft, unit: null, description: null, atMost });
}

/** A checked `countBy`. */
export function checkedCountBy(
  { atMost = usualValues }: MeasureDraft,
  of: Expr,
  path: string,
  report: ReportProblem,
): Pick<Extract<Measure, { kind: 'countBy' }>, 'kind' | 'of' | 'atMost'> {
  if (!(Number.isInteger(atMost) && atMost >= 1 && atMost <= mostValues)) {
    const message = `countBy keeps 1 to ${mostValues} values, and not ${atMost}. Of more, make the value a dimension and order by a count.`;
    report('COUNT_BY_INVALID', path, message);
  }
  return { kind: 'countBy', of, atMost };
}
