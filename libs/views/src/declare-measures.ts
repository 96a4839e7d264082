import type { NumberExpression, NumberForm, TextExpression, TimeExpression } from './expression-builders.ts';
import type { BooleanExpression } from './expression-base.ts';
import type { ExpressionDraft } from './expression-draft.ts';
import type { ReducerDraft } from './declare-reducer.ts';
import type { Measure } from './view.ts';

export interface MeasureDraft {
  readonly kind: Measure['kind'];
  readonly of: ExpressionDraft | null;
  readonly unit: string | null;
  readonly description: string | null;
  /** Of `distinct`. */
  readonly precision?: number;
  /** Of `quantile`. */
  readonly part?: number;
  readonly error?: number;
  /** Of `ratio`: what it is divided by. */
  readonly by?: ExpressionDraft;
  /** Of `histogram`, as declared. */
  readonly edges?: readonly number[];
  /** Of `countBy`. */
  readonly atMost?: number;
  /** Of `reducer`. */
  readonly reducer?: ReducerDraft;
}

/**
 * A measure under declaration. Immutable. `T` is its value in an answer's row, in the form of `presentWindows`;
 * `C` says whether derived values can compute with it.
 */
export class MeasureBuilder<T = unknown, C extends boolean = boolean> {
  readonly draft: MeasureDraft;
  /** Type-level only. */
  declare readonly __value?: T;
  /** Type-level only. */
  declare readonly __computes?: C;

  constructor(draft: MeasureDraft) {
    this.draft = draft;
  }

  description(text: string): MeasureBuilder<T, C> {
    return new MeasureBuilder({ ...this.draft, description: text });
  }

  /** In place of the unit that follows from the fields. */
  unit(unit: string): MeasureBuilder<T, C> {
    return new MeasureBuilder({ ...this.draft, unit });
  }
}

/** What may be null is null in a row where every event's value was. */
export type OrNull<T, N extends boolean> = true extends N ? T | null : T;

/** One number in the form of its kind; a `decimal(0)` is a number at run time: declare it as an `int()`. */
export type NumberValue<F extends NumberForm> = F extends 'decimal' ? string : number;

/** A sum of ints beyond 2^53 is a bigint. */
type SumValue<F extends NumberForm> = F extends 'int' ? number | bigint : NumberValue<F>;

/** How many events; with an expression, how many of them where it is not null. */
export function count(of?: NumberExpression | TextExpression | TimeExpression): MeasureBuilder<number, true> {
  return new MeasureBuilder({ kind: 'count', of: of?.draft ?? null, unit: null, description: null });
}

/** Exact. Null where no event had a value. */
export function sum<N extends boolean, F extends NumberForm>(
  of: NumberExpression<N, F>,
): MeasureBuilder<OrNull<SumValue<F>, N>, true> {
  return measure('sum', of.draft, of.draft.unit);
}

/** The exact sum divided by the number of values, rounded once. */
export function avg<N extends boolean>(of: NumberExpression<N>): MeasureBuilder<OrNull<number, N>, true> {
  return measure('avg', of.draft, of.draft.unit);
}

/** The least value; texts by code point. */
export function min<N extends boolean, F extends NumberForm>(
  of: NumberExpression<N, F>,
): MeasureBuilder<OrNull<NumberValue<F>, N>, true>;
export function min<N extends boolean>(
  of: TimeExpression<'instant' | 'date', N>,
): MeasureBuilder<OrNull<string, N>, false>;
export function min<N extends boolean, V extends string>(of: TextExpression<N, V>): MeasureBuilder<OrNull<V, N>, false>;
export function min(of: NumberExpression | TimeExpression | TextExpression): MeasureBuilder {
  return measure('min', of.draft, of.draft.unit);
}

/** The greatest value; texts by code point. */
export function max<N extends boolean, F extends NumberForm>(
  of: NumberExpression<N, F>,
): MeasureBuilder<OrNull<NumberValue<F>, N>, true>;
export function max<N extends boolean>(
  of: TimeExpression<'instant' | 'date', N>,
): MeasureBuilder<OrNull<string, N>, false>;
export function max<N extends boolean, V extends string>(of: TextExpression<N, V>): MeasureBuilder<OrNull<V, N>, false>;
export function max(of: NumberExpression | TimeExpression | TextExpression): MeasureBuilder {
  return measure('max', of.draft, of.draft.unit);
}

/** The value at the first event time; of equal times that of the lowest partition and offset. Nulls are passed over. */
export function first<N extends boolean, F extends NumberForm>(
  of: NumberExpression<N, F>,
): MeasureBuilder<OrNull<NumberValue<F>, N>, true>;
export function first<N extends boolean>(
  of: TimeExpression<'instant' | 'date', N>,
): MeasureBuilder<OrNull<string, N>, false>;
export function first<N extends boolean, V extends string>(
  of: TextExpression<N, V>,
): MeasureBuilder<OrNull<V, N>, false>;
export function first<N extends boolean>(of: BooleanExpression<N>): MeasureBuilder<OrNull<boolean, N>, false>;
export function first(of: NumberExpression | TimeExpression | TextExpression | BooleanExpression): MeasureBuilder {
  return measure('first', of.draft, of.draft.unit);
}

/** The value at the last event time; of equal times that of the highest partition and offset. Nulls are passed over. */
export function last<N extends boolean, F extends NumberForm>(
  of: NumberExpression<N, F>,
): MeasureBuilder<OrNull<NumberValue<F>, N>, true>;
export function last<N extends boolean>(
  of: TimeExpression<'instant' | 'date', N>,
): MeasureBuilder<OrNull<string, N>, false>;
export function last<N extends boolean, V extends string>(
  of: TextExpression<N, V>,
): MeasureBuilder<OrNull<V, N>, false>;
export function last<N extends boolean>(of: BooleanExpression<N>): MeasureBuilder<OrNull<boolean, N>, false>;
export function last(of: NumberExpression | TimeExpression | TextExpression | BooleanExpression): MeasureBuilder {
  return measure('last', of.draft, of.draft.unit);
}

/**
 * The exact sum of one expression divided by that of another, rounded once: a price for each unit, a part of a whole.
 * Null where the first has no value or the second adds up to 0.
 */
export function ratio(of: NumberExpression, by: NumberExpression): MeasureBuilder<number | null, true> {
  return new MeasureBuilder({ kind: 'ratio', of: of.draft, unit: null, description: null, by: by.draft });
}

/** Of a sample (n - 1), from exact sums; null below two values. The expression has to stay within 2^43 units. */
export function variance(of: NumberExpression): MeasureBuilder<number | null, true> {
  const { unit } = of.draft;
  return measure('variance', of.draft, unit === null ? null : `(${unit})²`);
}

/** The square root of `variance`. */
export function stddev(of: NumberExpression): MeasureBuilder<number | null, true> {
  return measure('stddev', of.draft, of.draft.unit);
}

function measure<T, C extends boolean>(
  kind: Measure['kind'],
  of: ExpressionDraft,
  unit: string | null,
): MeasureBuilder<T, C> {
  return new MeasureBuilder({ kind, of, unit, description: null });
}
