import type { CanonicalValue } from '@twofold/schemas';
import { MeasureBuilder, type MeasureDraft, type OrNull } from './declare-measures.ts';
import type { ReportProblem } from './errors.ts';
import type { BooleanExpression } from './expression-base.ts';
import type { NumberExpression, TextExpression, TimeExpression } from './expression-builders.ts';
import type { ExpressionDraft } from './expression-draft.ts';
import { tryLaws } from './reducer-laws.ts';
import type { Reducer, ReducerShows } from './reducer.ts';
import type { Measure, ReducerInput } from './view.ts';

type Input = NumberExpression | TimeExpression | TextExpression | BooleanExpression;

/** What a reducer under declaration is made of. */
export interface ReducerDraft extends Omit<Reducer, 'digest'> {
  readonly inputs: readonly (readonly [name: string, draft: ExpressionDraft])[];
}

/** The values that `lift` is given: numbers and times in column units. */
export type ReducerValues<I> = {
  readonly [N in keyof I]: I[N] extends TextExpression<infer M, infer V>
    ? OrNull<V, M>
    : I[N] extends BooleanExpression<infer M>
      ? OrNull<boolean, M>
      : I[N] extends NumberExpression<infer M>
        ? OrNull<number, M>
        : I[N] extends TimeExpression<'instant' | 'date', infer M>
          ? OrNull<number, M>
          : never;
};

/** A number that a state is stands for every number: `zero` says what a state is, and not which. */
type State<S> = S extends number ? number : S extends string ? string : S extends boolean ? boolean : S;

type Shown<K extends ReducerShows> = K extends 'number' ? number : K extends 'text' ? string : boolean;

export interface ReducerDeclaration<
  I extends Readonly<Record<string, Input>>,
  S extends CanonicalValue,
  K extends ReducerShows,
> {
  /** What of an event it is made of. */
  readonly of: I;
  /** The state of no event. Plain JSON; its numbers are whole: fractions would depend on an order that nobody keeps. */
  readonly zero: S;
  /** The state of one event. A number is in column units: a `decimal(2)` of 1.50 is 150. */
  readonly lift: (values: ReducerValues<I>) => State<NoInfer<S>>;
  /** The state of two together, in whatever order and grouping. Changes neither. */
  readonly plus: (a: State<NoInfer<S>>, b: State<NoInfer<S>>) => State<NoInfer<S>>;
  /** What the finished value is. */
  readonly shows: K;
  readonly present: (state: State<NoInfer<S>>) => Shown<K> | null;
}

/**
 * A measure of your own, where no other will do: a commutative monoid whose laws `view()` tries on samples of its inputs.
 * It is folded in JavaScript by every engine: slower than a measure of the language, and one such measure takes its whole
 * view with it. The functions are pure and stand for themselves: what they call from elsewhere is not seen to change.
 */
export function reducer<
  const I extends Readonly<Record<string, Input>>,
  S extends CanonicalValue,
  const K extends ReducerShows,
>(declaration: ReducerDeclaration<I, S, K>): MeasureBuilder<Shown<K> | null, K extends 'number' ? true : false> {
  const { of, zero, shows, ...functions } = declaration;
  // An event's values and the states are those of the declaration; only the type checker cannot follow.
  const { lift, plus, present } = functions as unknown as Pick<Reducer, 'lift' | 'plus' | 'present'>;
  const inputs = Object.entries(of).map(([name, { draft }]) => [name, draft] as const);
  const draft: ReducerDraft = { inputs, zero, lift, plus, present, shows };
  return new MeasureBuilder({ kind: 'reducer', of: null, unit: null, description: null, reducer: draft });
}

/** A checked `reducer`; null: there is none. */
export function checkedReducer(
  { reducer: draft }: MeasureDraft,
  path: string,
  report: ReportProblem,
): Pick<Extract<Measure, { kind: 'reducer' }>, 'kind' | 'of' | 'inputs' | 'reducer'> | null {
  if (draft === undefined) return null;
  const { inputs: drafts, ...declared } = draft;
  if (drafts.length === 0)
    report('REDUCER_INVALID', path, 'a reducer is made of at least one expression. To count events say count().');
  for (const [name] of drafts)
    if (!/^[a-z][A-Za-z0-9]{0,63}$/.test(name))
      report('NAME_INVALID', path, `'${name}' is no name of a reducer's input. Write it like pricePaid.`);
  const inputs = drafts.map(([name, { expr }]): ReducerInput => ({ name, expr }));
  const digest = tryLaws(declared, drafts, (message) => report('REDUCER_UNLAWFUL', path, message));
  return { kind: 'reducer', of: null, inputs, reducer: { ...declared, digest } };
}
