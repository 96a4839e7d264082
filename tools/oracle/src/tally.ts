import type { CanonicalValue } from '@twofold/schemas';
import type { Component, Measure, Reducer, ReducerValue } from '@twofold/views';
import { binnedText, binsText } from './bins.ts';
import { distinctText } from './distinct.ts';
import { countedText } from './counted.ts';
import { compareValues } from './evaluate.ts';
import type { Value } from './read-event.ts';

/** Event time, partition, offset: of two events the first that differs tells which is earlier. */
export type Place = readonly [timeMs: number, partition: number, offset: number];

type Kept = 'sum' | 'squares' | 'min' | 'max' | 'values' | 'numbers' | 'placed';

/** What measures and components are made from beside counts, by kind. An event of a rolling minute lies in sixty windows. */
const KEPT: Readonly<Record<Measure['kind'] | Component['kind'], readonly Kept[]>> = {
  ...{ count: [], rows: [], reducer: [] },
  ...{ sum: ['sum'], avg: ['sum'], ratio: ['sum'] },
  ...{ variance: ['sum', 'squares'], stddev: ['sum', 'squares'], sumSquares: ['squares'] },
  ...{ min: ['min'], max: ['max'], lastTime: ['max'] },
  ...{ distinct: ['values'], quantile: ['numbers'], bins: ['numbers'], histogram: ['numbers'] },
  ...{ first: ['placed'], last: ['placed'], countBy: ['placed'] },
};

/** What is known of a bag of values of one expression: enough for a measure or component of one kind. */
export interface Tally {
  /** What is kept up; the rest stays as it began. */
  readonly keeps: readonly Kept[];
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
  /** Every value that is not null, with where it stood. */
  readonly placed: { readonly place: Place; readonly value: bigint | string }[];
  /** Sum of the second expression of a measure that has two. */
  divisor: bigint;
  /** What a reducer made of each event, and the events that it made nothing of. */
  readonly lifted: CanonicalValue[];
  readonly unlifted: { readonly place: Place; readonly how: 'threw' | 'gave' }[];
}

/** @param of a measure or a component */
export function emptyTally({ kind }: Pick<Measure | Component, 'kind'>): Tally {
  const lists = { values: new Set<string>(), numbers: [], placed: [], lifted: [], unlifted: [] };
  const none = { keeps: KEPT[kind], ...lists };
  return { rows: 0, count: 0, sum: 0n, squares: 0n, min: null, max: null, divisor: 0n, ...none };
}

/** @param sign -1: the value is taken back; then only counts and sums mean anything any more */
export function addTo(tally: Tally, value: Value, place: Place, sign: 1 | -1 = 1): void {
  tally.rows += sign;
  if (value === null) return;
  tally.count += sign;
  for (const kept of tally.keeps) keepUp(tally, kept, value, place, sign);
}

function keepUp(tally: Tally, kept: Kept, value: bigint | string, place: Place, sign: 1 | -1): void {
  switch (kept) {
    case 'values':
      tally.values.add(String(value));
      return;
    case 'placed':
      tally.placed.push({ place, value });
      return;
    case 'min':
      if (tally.min === null || compareValues(value, tally.min) < 0) tally.min = value;
      return;
    case 'max':
      if (tally.max === null || compareValues(value, tally.max) > 0) tally.max = value;
      return;
    case 'numbers':
      if (typeof value === 'bigint') tally.numbers.push(value);
      return;
    case 'sum':
      if (typeof value === 'bigint') tally.sum += sign === 1 ? value : -value;
      return;
    case 'squares':
      if (typeof value === 'bigint') tally.squares += sign === 1 ? value * value : -(value * value);
  }
}

/** A component of a view's partial, as integers and texts. */
export function componentOf(component: Component, tally: Tally): Value {
  const { kind } = component;
  if (kind === 'lastTime') return tally.max;
  if (kind === 'distinct') return distinctText(tally.values, component.precision);
  if (kind === 'bins') return binsText(tally.numbers, component.bits);
  if (kind === 'histogram') return binnedText(tally.numbers, component.edges);
  if (kind === 'countBy') return countedText(texts(tally), component.atMost);
  if (kind === 'first' || kind === 'last') {
    const held = outermost(tally, kind);
    return held === null ? '' : `${held.place.join(' ')} ${String(held.value)}`;
  }
  if (kind === 'reducer') {
    const state = reduced(component.reducer, tally);
    return state instanceof FailedReducer ? state.text : stateText(state);
  }
  const value = kind === 'sumSquares' ? tally.squares : tally[kind];
  return typeof value === 'number' ? BigInt(value) : value;
}

/** The value that stands before or behind all others. */
export function outermost({ placed }: Tally, which: 'first' | 'last'): Tally['placed'][number] | null {
  const sorted = placed.toSorted(({ place: a }, { place: b }) => {
    const at = a.findIndex((part, i) => part !== b[i]);
    return (a[at] ?? 0) - (b[at] ?? 0);
  });
  return (which === 'first' ? sorted[0] : sorted.at(-1)) ?? null;
}

/** Every value, as a text of its units. */
export function texts({ placed }: Tally): string[] {
  return placed.map(({ value }) => String(value));
}

/** That a reducer has no state, as partials say it. */
export class FailedReducer {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Adds what a reducer makes of an event. */
export function liftInto(
  tally: Tally,
  { lift }: Reducer,
  values: Readonly<Record<string, ReducerValue>>,
  place: Place,
): void {
  let how: 'threw' | 'gave' = 'threw';
  try {
    const state = lift(values);
    how = 'gave';
    if (isState(state)) {
      tally.lifted.push(state);
      return;
    }
  } catch {
    // Told below.
  }
  tally.unlifted.push({ place, how });
}

/** All events of a bag at once, from the last to the first: any order has to do. */
export function reduced({ zero, plus }: Reducer, { lifted, unlifted }: Tally): CanonicalValue | FailedReducer {
  const [first] = unlifted.toSorted(({ place: [, p, o] }, { place: [, q, u] }) => p - q || o - u);
  if (first !== undefined) return new FailedReducer(`!lift ${first.place[1]} ${first.place[2]} ${first.how}`);
  try {
    const sum = lifted.reduceRight((state, one) => plus(one, state), zero);
    return isState(sum) ? sum : new FailedReducer('!plus');
  } catch {
    return new FailedReducer('!plus');
  }
}

/** JSON again without loss, and no number with a fraction. */
function isState(state: CanonicalValue): boolean {
  if (typeof state === 'number') return Number.isSafeInteger(state);
  if (typeof state === 'object' && state !== null) return Object.values(state).every(isState);
  return typeof state === 'boolean' || typeof state === 'string' || state === null;
}

/** JSON with the members of objects by name. */
function stateText(state: CanonicalValue): string {
  return JSON.stringify(state, (_, value: unknown) =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
}
