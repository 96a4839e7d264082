import type { CanonicalValue } from '@twofold/schemas';

/** What an event's value is for a reducer: a number in column units, a text, a boolean, or null. */
export type ReducerValue = number | string | boolean | null;

/** What a reducer's finished value is. */
export type ReducerShows = 'number' | 'text' | 'boolean';

/**
 * A measure of its author's own: a commutative monoid. A state is plain JSON without fractions: equal states have one
 * text, on every machine, and sums of fractions do not depend on an order that nobody keeps. The functions are pure, and
 * leave what they are given as it is; `view()` tries the laws on samples and refuses what breaks one.
 */
export interface Reducer {
  readonly zero: CanonicalValue;
  /** The state of one event. */
  readonly lift: (values: Readonly<Record<string, ReducerValue>>) => CanonicalValue;
  readonly plus: (a: CanonicalValue, b: CanonicalValue) => CanonicalValue;
  readonly present: (state: CanonicalValue) => number | string | boolean | null;
  readonly shows: ReducerShows;
  /** Hash of the functions' texts and of what they made of the samples: 16 hex characters. */
  readonly digest: string;
}

/** Why a value is no state; null: it is one. */
export function stateFault(state: unknown, depth = 0): string | null {
  if (state === null || typeof state === 'boolean') return null;
  if (typeof state === 'string') return state.isWellFormed() ? null : 'a text with half a character';
  // -0, as a remainder may be, is written as 0.
  if (typeof state === 'number')
    return Number.isSafeInteger(state) ? null : `the number ${state}, which is no whole one of at most 2^53`;
  if (typeof state !== 'object') return `a value of type ${typeof state}`;
  if (depth >= 16) return 'more than 16 lists and objects in one another';
  const isPlain = Array.isArray(state) || Object.getPrototypeOf(state) === Object.prototype;
  if (!isPlain) return 'an object that is neither a list nor a plain one';
  for (const member of Object.values(state)) {
    const fault = stateFault(member, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}
