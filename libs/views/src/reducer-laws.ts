import { canonicalJson, fingerprintOf, type CanonicalValue } from '@twofold/schemas';
import type { ExpressionDraft } from './expression-draft.ts';
import { stateFault, type Reducer, type ReducerValue } from './reducer.ts';

/** Events that the laws are tried on, how many of their different states, and further events for `lift` alone. */
const events = 16;
const most = 7;
const further = 500;

/**
 * Tries a reducer on samples: always the same ones, ends of the inputs' ranges among them. Reports the first law that
 * breaks, with the states it breaks on. Gives its digest: two reducers that differ in text, or in what they make of the
 * samples, have different ones. Blanks of the text do not count, since tools that leave out types move them.
 */
export function tryLaws(
  reducer: Omit<Reducer, 'digest'>,
  inputs: readonly (readonly [name: string, draft: ExpressionDraft])[],
  report: (message: string) => void,
): string {
  const { lift, plus, present, zero, shows } = reducer;
  const texts = [lift, plus, present].map((each) => each.toString().replace(/\s+/g, ''));
  try {
    const outcomes = tried(reducer, samplesOf(inputs), furtherSamples(inputs));
    return fingerprintOf({ texts, zero, shows, outcomes });
  } catch (error) {
    if (error instanceof Broken) report(error.message);
    else report(`a function of the reducer threw ${String(error)}. It has to take every value of its inputs' types.`);
    return fingerprintOf({ texts });
  }
}

/** A law that does not hold. */
class Broken extends Error {
  override readonly name = 'Broken';
}

function tried(
  { zero, lift, plus, present, shows }: Omit<Reducer, 'digest'>,
  samples: readonly Readonly<Record<string, ReducerValue>>[],
  others: readonly Readonly<Record<string, ReducerValue>>[],
): CanonicalValue[] {
  const state = (what: string, value: CanonicalValue): CanonicalValue => {
    const fault = stateFault(value);
    if (fault !== null)
      throw new Broken(`${what} is ${fault}. A state is plain JSON of whole numbers, texts and booleans.`);
    return frozen(value);
  };
  const sum = (a: CanonicalValue, b: CanonicalValue): CanonicalValue =>
    state(`plus(${shown(a)}, ${shown(b)})`, plus(a, b));
  const same = (law: string, left: string, a: CanonicalValue, right: string, b: CanonicalValue): void => {
    if (shown(a) === shown(b)) return;
    throw new Broken(`plus is not ${law}: ${left} is ${shown(a)}, and ${right} is ${shown(b)}.`);
  };
  state('zero', zero);
  const lifted = samples.map((values) => {
    const one = state(`lift(${JSON.stringify(values)})`, lift(values));
    if (shown(one) !== shown(lift(values)))
      throw new Broken(`lift is not pure: ${JSON.stringify(values)} gave ${shown(one)}, and something else after.`);
    return one;
  });
  // Their states are no part of the digest: more of them may be tried one day.
  for (const values of others) state(`lift(${JSON.stringify(values)})`, lift(values));
  const different = [...new Map([...lifted, zero].map((one) => [shown(one), one])).values()].slice(0, most);
  for (const a of different) {
    same('without effect for zero', `plus(zero, ${shown(a)})`, sum(zero, a), 'the state', a);
    for (const b of different) {
      const both = `plus(${shown(a)}, ${shown(b)})`;
      same('commutative', both, sum(a, b), 'the other way round it', sum(b, a));
      for (const c of different)
        same(
          'associative',
          `plus(${both}, ${shown(c)})`,
          sum(sum(a, b), c),
          'grouped the other way it',
          sum(a, sum(b, c)),
        );
    }
  }
  const whole = lifted.reduce(sum, zero);
  const finished = [...different, whole].map((one) => finishedOf(present(one), shows, one));
  return [...lifted, whole, ...finished];
}

/** What is presented, as a text: it may have fractions. */
function finishedOf(value: unknown, shows: Reducer['shows'], state: CanonicalValue): string {
  const kinds = { number: 'number', text: 'string', boolean: 'boolean' } as const;
  const right = value === null || typeof value === kinds[shows];
  if (!right || Number.isNaN(value))
    throw new Broken(`present(${shown(state)}) gave ${String(value)}, and the reducer shows a ${shows} or null.`);
  return String(value);
}

type Inputs = readonly (readonly [name: string, draft: ExpressionDraft])[];

/** Events whose inputs take turns through their samples, each at a pace of its own. */
function samplesOf(inputs: Inputs): readonly Readonly<Record<string, ReducerValue>>[] {
  const lists = inputs.map(([name, draft]) => [name, valuesOf(draft)] as const);
  return Array.from({ length: events }, (_, i) =>
    Object.fromEntries(lists.map(([name, values], k) => [name, values[(i * (k + 1) + k * k) % values.length] ?? null])),
  );
}

/** Events with each of a first input's samples beside each of the second's, and so on, as far as it goes. */
function furtherSamples(inputs: Inputs): readonly Readonly<Record<string, ReducerValue>>[] {
  const lists = inputs.map(([name, draft]) => [name, valuesOf(draft)] as const);
  const all = lists.reduce((count, [, values]) => count * values.length, 1);
  return Array.from({ length: Math.min(all, further) }, (_, i) => {
    let rest = i;
    return Object.fromEntries(
      lists.map(([name, values]) => {
        const at = rest % values.length;
        rest = (rest - at) / values.length;
        return [name, values[at] ?? null];
      }),
    );
  });
}

function valuesOf({ expr: { type }, values }: ExpressionDraft): readonly ReducerValue[] {
  const none = type.nullable ? [null] : [];
  if (type.kind === 'boolean') return [true, false, ...none];
  if (type.kind === 'text') return [...(values ?? ['a', '', 'b', 'ab', 'é', '\u{10000}']), ...none];
  const { min, max } = type;
  const inside = [1, 0, 2, -1, 7, min, max].map((value) => Math.min(max, Math.max(min, value)) + 0);
  // A state holds numbers up to 2^53 exclusive: what a reducer adds up has to have room.
  return [...new Set(inside.filter(Number.isSafeInteger)), ...none];
}

function shown(state: CanonicalValue): string {
  return canonicalJson(state);
}

function frozen<T extends CanonicalValue>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
