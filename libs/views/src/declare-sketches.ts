import { quantileDigits } from './answer-quantile.ts';
import { MeasureBuilder, type MeasureDraft, type OrNull } from './declare-measures.ts';
import { highestPrecision, lowestPrecision } from './distinct-set.ts';
import type { ReportProblem } from './errors.ts';
import type { NumberExpression, TextExpression, TimeExpression } from './expression-builders.ts';
import type { Expr } from './expression.ts';
import { expressionText } from './expression-text.ts';
import { binError, bitsFor, mostBits } from './log-bins.ts';
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

const usualError = 0.01;

/**
 * The value that a part of all values, nulls left out, is at most: 0.5 is the median, 0.99 the value that one of a
 * hundred exceeds (of n values that of rank ⌈part · n⌉). Off by at most `error` of itself, 0.01 unless told: that is
 * rounded down to 2^-3, 2^-4, … 2^-10, and small integers are exact. The part has at most nine digits.
 */
export function quantile<N extends boolean>(
  of: NumberExpression<N>,
  part: number,
  options: { readonly error?: number } = {},
): MeasureBuilder<OrNull<number, N>, true> {
  const { unit } = of.draft;
  const error = options.error ?? usualError;
  return new MeasureBuilder({ kind: 'quantile', of: of.draft, unit, description: null, part, error });
}

/** A checked `quantile`. */
export function checkedQuantile(
  { part = NaN, error = usualError }: MeasureDraft,
  of: Expr,
  path: string,
  report: ReportProblem,
): Pick<Extract<Measure, { kind: 'quantile' }>, 'kind' | 'of' | 'part' | 'bits'> {
  if (of.type.kind !== 'number') {
    report('KIND_INVALID', path, `quantile of '${expressionText(of)}' is of kind ${of.type.kind}; it takes numbers.`);
  }
  if (!(part >= 0 && part <= 1)) {
    const mend = part > 1 && part <= 100 ? ` Did you mean ${part / 100}?` : '';
    report('QUANTILE_INVALID', path, `the part of a quantile is a number from 0 to 1, and not ${part}.${mend}`);
  } else if (Number(part.toFixed(quantileDigits)) !== part) {
    const message = `the part of a quantile has at most ${quantileDigits} digits behind the point, unlike ${part}.`;
    report('QUANTILE_INVALID', path, message);
  }
  const bits = bitsFor(error);
  if (Number.isNaN(bits) || error >= 1) {
    const message = `the error of a quantile is a number from ${binError(mostBits)} to below 1, and not ${error}.`;
    report('QUANTILE_INVALID', path, message);
  }
  return { kind: 'quantile', of, part, bits };
}
