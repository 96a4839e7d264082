import type { CalendarPart } from './expression-times.ts';

/**
 * What engines write in ways of their own. All other SQL of a view is the same text for every engine, compiled from the
 * same tree: an operator stands here only because engines were found to differ in it. Arguments are SQL; numbers are
 * BIGINT, a divisor is null in place of 0.
 */
export interface SqlDialect {
  readonly engine: 'duckdb' | 'spark';
  /** Types of a result: a whole number up to 2^53, a sum, a text. */
  readonly types: { readonly number: string; readonly sum: string; readonly text: string };
  /** A name as an identifier. */
  readonly name: (name: string) => string;
  /** A text as a literal, whatever characters it has. */
  readonly text: (text: string) => string;
  /** Truncated towards zero. */
  readonly divide: (left: string, right: string) => string;
  readonly startsWith: (of: string, text: string) => string;
  readonly endsWith: (of: string, text: string) => string;
  readonly contains: (of: string, text: string) => string;
  /** A number from 0 to below `of` that rows with equal columns have in common; the engine's own. */
  readonly shareOf: (columns: readonly string[], of: number) => string;
  /** In bytes of UTF-8. */
  readonly byteLength: (of: string) => string;
  /** Without blanks at both ends. */
  readonly trim: (of: string) => string;
  /** Does the whole text match? `pattern` is one of `patternText`. */
  readonly matches: (of: string, pattern: string) => string;
  /** Of days since 1970. */
  readonly calendarPart: (part: CalendarPart, days: string) => string;
  /** An exact sum of type `types.sum`, null of no value; an error where it does not fit, never a wrap. */
  readonly sum: (of: string) => string;
  /** The same of squares; `fits`: every square of the declared range is a BIGINT. */
  readonly sumOfSquares: (of: string, fits: boolean) => string;
  /** What `distinct` takes of a value: the first 60 bits of its md5, in the engine's own form; null of null. */
  readonly hash: (of: string) => string;
  /** Of hashes: the text that `DistinctSet.text` gives of the same set. */
  readonly distinct: (hash: string, precision: number) => SqlSketch;
  /** Of integers up to 2^53 in size: the text that `BinCounts.text` gives of the same values. */
  readonly bins: (value: string, bits: number) => SqlSketch;
  /** The same of bins that are computed already; null is in none. */
  readonly binned: (bin: string) => SqlSketch;
  /** A text that `ValueCounts.addText` takes: values in any order. */
  readonly countBy: (value: string, atMost: number) => SqlSketch;
  /** The text that `PlacedValue.text` gives of the value at the least or greatest place. */
  readonly placed: (which: 'first' | 'last', value: string, place: SqlPlace) => SqlSketch;
}

/** Where an event stands, as columns: event time in milliseconds, partition, offset. */
export interface SqlPlace {
  readonly time: string;
  readonly partition: string;
  readonly offset: string;
}

/** How a group's sketch is computed, as a text. */
export type SqlSketch =
  | { readonly by: 'aggregate'; readonly sql: string }
  /**
   * By a query over `events` with the columns of the group, named as they are there, and one named `sketch`. A group
   * without a value has no row in it; its sketch is the text `empty`.
   */
  | { readonly by: 'query'; readonly empty: string; readonly sql: (groups: readonly string[]) => string };
