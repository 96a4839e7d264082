import type { Component } from '@twofold/views';
import { binsText } from './bins.ts';
import { distinctText } from './distinct.ts';
import { compareValues } from './evaluate.ts';
import type { Value } from './read-event.ts';

/** What is known of a bag of values of one expression: enough for every measure. */
export interface Tally {
  /** Events, and those of them whose value is not null. */
  rows: number;
  count: number;
  sum: bigint;
  squares: bigint;
  min: Value;
  max: Value;
  /** Different values, as texts. */
  readonly values: Set<string>;
  /** Every number, as often as it comes. */
  readonly numbers: bigint[];
}

export function emptyTally(): Tally {
  return { rows: 0, count: 0, sum: 0n, squares: 0n, min: null, max: null, values: new Set(), numbers: [] };
}

/** @param sign -1: the value is taken back; then extremes, `values` and `numbers` mean nothing any more */
export function addTo(tally: Tally, value: Value, sign: 1 | -1 = 1): void {
  tally.rows += sign;
  if (value === null) return;
  tally.count += sign;
  tally.values.add(String(value));
  if (typeof value === 'bigint') {
    tally.sum += BigInt(sign) * value;
    tally.squares += BigInt(sign) * value * value;
    tally.numbers.push(value);
  }
  if (tally.min === null || compareValues(value, tally.min) < 0) tally.min = value;
  if (tally.max === null || compareValues(value, tally.max) > 0) tally.max = value;
}

/** A component of a view's partial, as integers and texts. */
export function componentOf(component: Component, tally: Tally): Value {
  const { kind } = component;
  if (kind === 'lastTime') return tally.max;
  if (kind === 'distinct') return distinctText(tally.values, component.precision);
  if (kind === 'bins') return binsText(tally.numbers, component.bits);
  const value = kind === 'sumSquares' ? tally.squares : tally[kind];
  return typeof value === 'number' ? BigInt(value) : value;
}
