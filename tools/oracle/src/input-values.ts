import type { ReducerInput, ReducerValue } from '@twofold/views';
import { evaluate } from './evaluate.ts';
import type { OracleEvent } from './read-event.ts';

/** What a reducer is given of an event: numbers and times in column units, conditions as true and false. */
export function inputValues(inputs: readonly ReducerInput[], event: OracleEvent): Record<string, ReducerValue> {
  return Object.fromEntries(
    inputs.map(({ name, expr }): [string, ReducerValue] => {
      const value = evaluate(expr, event);
      if (typeof value !== 'bigint') return [name, value];
      return [name, expr.type.kind === 'boolean' ? value === 1n : Number(value)];
    }),
  );
}
