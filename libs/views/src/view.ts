import type { Schedule } from '@twofold/schedules';
import type { Stream } from '@twofold/schemas';
import type { Expr } from './expression.ts';
import type { Reducer } from './reducer.ts';
import type { CalendarGrain } from './zones/calendar.ts';

/** A stored pane width (a *level*) and how long its panes are kept. */
export interface Level {
  readonly widthMs: number;
  /** Null: kept for ever. */
  readonly retainMs: number | null;
}

/** The finest level divides size and step. A tumbling window has `everyMs === sizeMs`. */
export interface FixedWindow {
  readonly kind: 'tumbling' | 'sliding';
  readonly sizeMs: number;
  readonly everyMs: number;
}

/** Hours, days, weeks, months, quarters or years as clocks in a time zone show them; the finest level meets their edges. */
export interface CalendarWindow {
  readonly kind: 'calendar';
  readonly grain: CalendarGrain;
  /** Its IANA name. */
  readonly zone: string;
  /** Names the zone's offsets (`Zone.digest`): with others the same events are in other windows. */
  readonly offsets: string;
}

/** Runs of a key's events, each at most the gap after the one before. The one level is the width of stored buckets. */
export interface SessionWindow {
  readonly kind: 'session';
  readonly gapMs: number;
}

export type Window = FixedWindow | CalendarWindow | SessionWindow;

export interface Dimension {
  readonly name: string;
  readonly expr: Expr;
}

/** What a reducer is given of an event: a value by name. */
export interface ReducerInput {
  readonly name: string;
  readonly expr: Expr;
}

/** A measure is read from shared components: an avg and a sum of one expression store one sum. */
export type Measure = { readonly name: string; readonly description: string | null; readonly unit: string | null } & (
  | { readonly kind: 'count'; readonly of: Expr | null }
  | {
      readonly kind: 'sum' | 'avg' | 'min' | 'max' | 'variance' | 'stddev' | 'first' | 'last';
      readonly of: Expr;
    }
  /** The sum of `of` for each one of the sum of `by`. */
  | { readonly kind: 'ratio'; readonly of: Expr; readonly by: Expr }
  /** `edges` in column units, rising: one bin more than there are edges. */
  | { readonly kind: 'histogram'; readonly of: Expr; readonly edges: readonly number[] }
  | { readonly kind: 'countBy'; readonly of: Expr; readonly atMost: number }
  /** Its author's own; folded in JavaScript by every engine. */
  | { readonly kind: 'reducer'; readonly of: null; readonly inputs: readonly ReducerInput[]; readonly reducer: Reducer }
  | { readonly kind: 'distinct'; readonly of: Expr; readonly precision: number }
  /** `part` of the values are at most this; `bits` of the component `bins`. */
  | { readonly kind: 'quantile'; readonly of: Expr; readonly part: number; readonly bits: number }
);

/**
 * What a partial is made of; the encoding and every engine follow this list, in this order.
 * `rows` counts the events of the partial; it is always the first component, and at least 1 in a stored partial.
 */
export type Component =
  | { readonly kind: 'rows' }
  /** Of sessions, always the second: the last event time of the interval whose first is the pane, milliseconds. */
  | { readonly kind: 'lastTime' }
  | { readonly kind: 'count' | 'sum' | 'sumSquares' | 'min' | 'max'; readonly of: Expr }
  /** The value that is not null at the least or greatest (event time, partition, offset), with that place. */
  | { readonly kind: 'first' | 'last'; readonly of: Expr }
  /** The set of values: exact up to 2^precision / 8 of them, then that many registers of HyperLogLog. */
  | { readonly kind: 'distinct'; readonly of: Expr; readonly precision: number }
  /** How many values are in each log-linear bin; every power of two has 2^bits of them. */
  | { readonly kind: 'bins'; readonly of: Expr; readonly bits: number }
  /** How many values lie between each two edges, below the first, and at or above the last. */
  | { readonly kind: 'histogram'; readonly of: Expr; readonly edges: readonly number[] }
  /** How many events have each value, while there are at most so many values; then how many have any. */
  | { readonly kind: 'countBy'; readonly of: Expr; readonly atMost: number }
  | { readonly kind: 'reducer'; readonly inputs: readonly ReducerInput[]; readonly reducer: Reducer };

/** A declared view (see the glossary), as a tree of values. Immutable; made by `view()`. */
export interface View<R = unknown> {
  readonly name: string;
  readonly version: number;
  readonly description: string | null;
  readonly owner: string | null;
  readonly stream: Stream;
  readonly where: Expr | null;
  readonly dimensions: readonly Dimension[];
  readonly window: Window;
  readonly measures: readonly Measure[];
  readonly derived: readonly { readonly name: string; readonly expr: Expr; readonly unit: string | null }[];
  readonly components: readonly Component[];
  /** From fine to coarse; each width is a multiple of the one before. The speed layer folds the first. */
  readonly levels: readonly Level[];
  /** Access paths: the dimensions a reader has to name, by path. */
  readonly serve: readonly { readonly key: readonly string[] }[];
  /** Keys are spread over this many buckets of speed rows. Part of the fingerprint. */
  readonly buckets: number;
  readonly schedule: Schedule | null;
  readonly freshness: { readonly warnAfterMs: number; readonly errorAfterMs: number };
  /** Hash of all that decides a partial (E4), the stream's fingerprint included: 16 hex characters. */
  readonly fingerprint: string;
  /** Type-level only: an answer's row. Never present at run time. */
  readonly __row?: R;
}

/** The row of a view's answers: `RowOf<typeof sensorMinute>['temperature']` is `number`. */
export type RowOf<V extends View> = V extends View<infer R> ? R : never;
