import { MeasureBuilder, type MeasureDraft } from './declare-measures.ts';
import { highestPrecision, lowestPrecision } from './distinct-set.ts';
import type { ReportProblem } from './errors.ts';
import type { NumberExpression, TextExpression, TimeExpression } from './expression-builders.ts';
import type { Expr } from './expression.ts';
import { expressionText } from './expression-text.ts';
import type { Measure } from './view.ts';

/** 2^precision registers: at 12 exact up to 512 values, then a standard error of 1.6 %; at 14 up to 2,048 and 0.8 %. */
export type Precision = 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16;

const usualPrecision = 12;

/**
 * How many different values, nulls left out: exact up to 2^precision / 8 of them, then an estimate whose standard error
 * is 1.04 / √(2^precision) of the number. The precision is 12 unless told.
 */
export function distinct(
  of: NumberExpression | TextExpression | TimeExpression,
  options: { readonly precision?: Precision } = {},
): MeasureBuilder<number, true> {
  const precision = options.precision ?? usualPrecision;
  return new MeasureBuilder({ kind: 'distinct', of: of.draft, unit: null, description: null, precision });
}

/** A checked `distinct`. */
export function distinctOf(
  { precision = usualPrecision }: MeasureDraft,
  of: Expr,
  path: string,
  report: ReportProblem,
): Pick<Extract<Measure, { kind: 'distinct' }>, 'kind' | 'of' | 'precision'> {
  if (of.type.kind === 'boolean') {
    const message = `distinct of '${expressionText(of)}' is of kind boolean; it takes numbers, times and texts.`;
    report('KIND_INVALID', path, message);
  }
  if (!(Number.isInteger(precision) && precision >= lowestPrecision && precision <= highestPrecision)) {
    const message = `the precision of distinct is a whole number from ${lowestPrecision} to ${highestPrecision}, and not ${precision}.`;
    report('PRECISION_INVALID', path, message);
  }
  return { kind: 'distinct', of, precision };
}
