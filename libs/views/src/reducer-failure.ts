/**
 * Why there is no sum of a reducer's states. Of events that `lift` makes no state of it is the first, by partition and
 * offset, so that it depends on nothing but the events. `plus`: no event is to blame, two states were.
 */
export type ReducerFailure =
  | { readonly of: 'lift'; readonly partition: number; readonly offset: number; readonly how: 'threw' | 'gave' }
  | { readonly of: 'plus' };

/** The one that stays of two; null: there was none. */
export function firstFailure(a: ReducerFailure | null, b: ReducerFailure): ReducerFailure {
  if (a === null || a.of === 'plus') return b;
  if (b.of === 'plus') return a;
  return (a.partition - b.partition || a.offset - b.offset) <= 0 ? a : b;
}

/** In the place of a state's JSON, which never begins so. */
export function failureText(failure: ReducerFailure): string {
  return failure.of === 'plus' ? '!plus' : `!lift ${failure.partition} ${failure.offset} ${failure.how}`;
}

/** What `failureText` gave; undefined for every other text. */
export function parsedFailure(text: string): ReducerFailure | undefined {
  if (text === '!plus') return { of: 'plus' };
  const [, partition, offset, how] = /^!lift (0|[1-9]\d{0,15}) (0|[1-9]\d{0,15}) (threw|gave)$/.exec(text) ?? [];
  if (how !== 'threw' && how !== 'gave') return undefined;
  return { of: 'lift', partition: Number(partition), offset: Number(offset), how };
}
