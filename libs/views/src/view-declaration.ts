import type { Schedule } from '@twofold/schedules';
import type { Duration, FieldKind, FieldShape, FieldShapes, RecordShape, Stream } from '@twofold/schemas';
import type { DerivedCondition, DerivedNumber } from './declare-derived.ts';
import type { MeasureBuilder, NumberValue, OrNull } from './declare-measures.ts';
import type { WindowDraft } from './declare-window.ts';
import type { BooleanExpression } from './expression-base.ts';
import type { NumberExpression, TextExpression, TimeExpression } from './expression-builders.ts';
import type { BytesExpression, ListExpression } from './held-expressions.ts';

/** A stream's fields, as expressions by name; those of a record under its name. `R`: those around may be null. */
export type EventFields<F extends FieldShapes, R extends boolean = false> = {
  readonly [N in keyof F & string]: F[N]['kind'] extends 'record'
    ? F[N] extends RecordShape<infer M extends FieldShapes, infer O>
      ? EventFields<M, R extends true ? true : O>
      : never
    : F[N] extends FieldShape
      ? ExpressionOf<R extends true ? Omit<F[N], 'optional'> & { readonly optional: true } : F[N]>
      : PlainExpressionOf<FieldShape>;
};

type ExpressionOf<S extends FieldShape> = S['kind'] extends 'bytes'
  ? BytesExpression<S['optional']>
  : S['kind'] extends 'list'
    ? ListExpression<S['optional'], ItemLiteral<NonNullable<S['element']>>>
    : PlainExpressionOf<S>;

type ItemLiteral<E extends FieldKind> = E extends 'int' | 'decimal' | 'float'
  ? number
  : E extends 'boolean'
    ? boolean
    : E extends 'instant' | 'date'
      ? number | string
      : string;

type PlainExpressionOf<S extends FieldShape> = S['kind'] extends 'int' | 'decimal' | 'float'
  ? NumberExpression<S['optional'], S['kind']>
  : S['kind'] extends 'instant' | 'date'
    ? TimeExpression<S['kind'], S['optional']>
    : S['kind'] extends 'boolean'
      ? BooleanExpression<S['optional']>
      : S['kind'] extends 'enumeration'
        ? TextExpression<S['optional'], S['values']>
        : TextExpression<S['optional']>;

export type DimensionBuilders = Readonly<
  Record<string, NumberExpression | TimeExpression | TextExpression | BooleanExpression>
>;
export type MeasureBuilders = Readonly<Record<string, MeasureBuilder>>;
export type DerivedBuilders = Readonly<Record<string, DerivedNumber | DerivedCondition>>;

/** The measures that a derived value can be made of: those of numbers. */
export type MeasureFields<M extends MeasureBuilders> = {
  readonly [N in keyof M & string as M[N] extends MeasureBuilder<unknown, true> ? N : never]: DerivedNumber;
};

type DimensionValue<E> =
  E extends TextExpression<infer N, infer V>
    ? OrNull<V, N>
    : E extends BooleanExpression<infer N>
      ? OrNull<boolean, N>
      : E extends NumberExpression<infer N, infer F>
        ? OrNull<NumberValue<F>, N>
        : E extends TimeExpression<'instant' | 'date', infer N>
          ? OrNull<string, N>
          : never;

type MeasureResult<B> = B extends MeasureBuilder<infer T> ? T : never;
type DerivedResult<B> = B extends DerivedNumber ? number | null : boolean | null;

/** An answer's row: the window, the key, the measures and what is derived of them, in the forms of `presentWindows`. */
export type ViewRow<D extends DimensionBuilders, M extends MeasureBuilders, X extends DerivedBuilders> = {
  /** Milliseconds since 1970, inclusive. */
  readonly windowStart: number;
  /** Exclusive. */
  readonly windowEnd: number;
  /** Is the watermark behind the window's end? */
  readonly complete: boolean;
} & { readonly [N in keyof D & string]: DimensionValue<D[N]> } & {
  readonly [N in keyof M & string]: MeasureResult<M[N]>;
} & { readonly [N in keyof X & string]: DerivedResult<X[N]> };

/** What `view()` takes. */
export interface ViewDeclaration<
  F extends FieldShapes,
  D extends DimensionBuilders,
  M extends MeasureBuilders,
  X extends DerivedBuilders,
> {
  readonly from: Stream<F>;
  /** Raise it with every change of `where`, dimensions, window, levels or measures: it is part of every key. */
  readonly version: number;
  readonly description?: string;
  readonly owner?: string;
  /** Only events for which this is true count. */
  readonly where?: (event: EventFields<F>) => BooleanExpression;
  /** The key: one row a key and window. A null is a value like any other. */
  readonly dimensions: (event: EventFields<F>) => D;
  readonly window: WindowDraft;
  readonly measures: (event: EventFields<F>) => M;
  /** Made of finished measures when an answer is read; stored nowhere. */
  readonly derived?: (measures: MeasureFields<M>) => X;
  /** Stored pane widths, and how long each is kept. The finest divides the window's size and step. */
  readonly levels: { readonly [width in Duration]: Duration | 'forever' };
  /** Access paths: the dimensions that a reader has to name. */
  readonly serve: readonly { readonly key: readonly (keyof NoInfer<D> & string)[] }[];
  /** How many rows of a store the keys of a slice are spread over; 32 unless told. */
  readonly buckets?: number;
  /** When the batch layer recomputes it: cron in UTC, or what `schedule()` gave. Without it, as the setting `schedule` says. */
  readonly batch?: { readonly schedule: string | Schedule };
  /** How old an answer may be: '2s' and '30s' unless told. */
  readonly freshness?: { readonly warnAfter: Duration; readonly errorAfter: Duration };
}
