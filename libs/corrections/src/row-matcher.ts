import { createIdReader, type Columns, type Stream } from '@twofold/schemas';
import { compileCondition, type Expr } from '@twofold/views';
import { conditionOf, type ConditionValue } from './condition.ts';
import { CorrectionError } from './errors.ts';
import type { Selection } from './selection.ts';

/** Is the event of a row meant? Says nothing of classes, partitions and offsets. */
export type RowMatcher = (columns: Columns, row: number) => boolean;

/** Compiles what a selection says of an event itself. Throws CONDITION_INVALID. */
export function createRowMatcher(stream: Stream, { where, eventTime, ids }: Selection): RowMatcher {
  const tests: RowMatcher[] = [];
  if (eventTime !== null) {
    const from = eventTime.from ?? -Infinity;
    const to = eventTime.to ?? Infinity;
    tests.push(({ eventTimes }, row) => (eventTimes[row] ?? NaN) >= from && (eventTimes[row] ?? NaN) < to);
  }
  if (ids !== null) {
    const wanted = new Set(ids.map((id) => idOfValues(stream, id)));
    const idOf = createIdReader(stream);
    tests.push((columns, row) => wanted.has(idOf(columns, row)));
  }
  if (where !== null) tests.push(compileCondition(conditionOf(stream, where), stream));
  return (columns, row) => tests.every((test) => test(columns, row));
}

/** An event's id as one text, from values as people write them: each is read in the units of its field. Throws CONDITION_INVALID. */
export function idOfValues(stream: Stream, values: Readonly<Record<string, ConditionValue>>): string {
  return JSON.stringify(stream.id.map((name) => unitsOf(stream, name, values[name] ?? '')));
}

function unitsOf(stream: Stream, field: string, value: ConditionValue): ConditionValue | null {
  const expr = conditionOf(stream, { field, is: 'equals', value });
  const literal: Expr | null = expr.op === 'eq' ? expr.right : null;
  if (literal?.op !== 'literal')
    throw new CorrectionError('CONDITION_INVALID', `${String(value)} is no value of the id field ${field}.`);
  return typeof literal.value === 'boolean' ? Number(literal.value) : literal.value;
}
