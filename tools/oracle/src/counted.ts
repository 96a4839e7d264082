import { compareValues } from './evaluate.ts';

/** The text of how often each value comes as partials have it. */
export function countedText(values: readonly string[], atMost: number): string {
  const counted = countsOf(values, atMost);
  if (counted === null) return `+${values.length}`;
  return `=${counted.map(([value, times]) => `${times}:${[...value].length}:${value}`).join('')}`;
}

/** Each value with how often it comes, by code point; null: there are more than so many. */
export function countsOf(
  values: readonly string[],
  atMost: number,
): readonly (readonly [value: string, times: number])[] | null {
  const different = [...new Set(values)].sort(compareValues);
  if (different.length > atMost) return null;
  return different.map((value) => [value, values.filter((each) => each === value).length]);
}
