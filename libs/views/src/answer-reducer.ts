import type { PlainValue } from './answer-form.ts';
import type { Reducer } from './reducer.ts';
import type { ReducerFailure } from './reducer-failure.ts';
import { attempt, type Reduced } from './reducer-state.ts';

/** A value that an answer does not have since a function of its author's failed. */
export interface MeasureFailure {
  readonly measure: string;
  readonly failure: ReducerFailure | { readonly of: 'present' };
}

/** A reducer's finished value; null where there is none, for want of a state too, which is told. */
export function presentReducer(
  { name, reducer }: { readonly name: string; readonly reducer: Reducer },
  sum: Reduced,
  failed: (failure: MeasureFailure) => void,
): PlainValue {
  const { state, failure } = sum;
  if (failure !== null) {
    failed({ measure: name, failure });
    return null;
  }
  const value = attempt(() => reducer.present(state));
  if (value === undefined) failed({ measure: name, failure: { of: 'present' } });
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return null;
  return typeof value === 'number' ? value + 0 : value;
}

/** For people: what failed, on which event, and what mends it. */
export function failureMessage({ measure, failure }: MeasureFailure): string {
  const mend = 'Mend the reducer in a new version of the view';
  if (failure.of === 'present') return `measure ${measure}: the present of its reducer threw. ${mend}.`;
  if (failure.of === 'plus')
    return `measure ${measure}: the plus of its reducer threw, or gave what is no state. ${mend}.`;
  const { partition, offset, how } = failure;
  const what = how === 'threw' ? 'threw' : 'gave what is no state';
  return `measure ${measure}: the lift of its reducer ${what} for the event at partition ${partition}, offset ${offset}. ${mend}, or retract that event.`;
}
