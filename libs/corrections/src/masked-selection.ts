import type { Condition, ConditionValue } from './condition.ts';
import { selectionText, type Selection } from './selection.ts';

/** Shorter texts are in every sentence: they tell nothing. */
const SHORTEST = 3;

/** A selection in words, without any value that events are compared with. */
export function maskedSelection(selection: Selection): string {
  const { where } = selection;
  return selectionText({ ...selection, where: where === null ? null : masked(where) }).replaceAll(`'${MASK}'`, MASK);
}

/** Values that a selection names, as texts, long enough to be told in a sentence. */
export function namedValues({ where, ids }: Selection): string[] {
  const values = [...(where === null ? [] : valuesOf(where)), ...(ids ?? []).flatMap((id) => Object.values(id))];
  return [...new Set(values.map(String).filter((text) => text.length >= SHORTEST))];
}

const MASK = '…';

function masked(condition: Condition): Condition {
  if ('all' in condition) return { all: condition.all.map(masked) };
  if ('any' in condition) return { any: condition.any.map(masked) };
  if ('not' in condition) return { not: masked(condition.not) };
  if (condition.is === 'oneOf') return { ...condition, values: condition.values.map(() => MASK) };
  return 'value' in condition ? { ...condition, value: MASK } : condition;
}

function valuesOf(condition: Condition): ConditionValue[] {
  if ('all' in condition) return condition.all.flatMap(valuesOf);
  if ('any' in condition) return condition.any.flatMap(valuesOf);
  if ('not' in condition) return valuesOf(condition.not);
  if (condition.is === 'oneOf') return [...condition.values];
  return 'value' in condition ? [condition.value] : [];
}
