import type { Stream } from '@twofold/schemas';
import {
  BooleanExpression,
  eventCondition,
  TextExpression,
  ViewError,
  type Expr,
  type NumberExpression,
  type TimeExpression,
} from '@twofold/views';
import { CorrectionError } from './errors.ts';

export type ConditionValue = number | string | boolean;

export const comparisons = ['equals', 'notEquals', 'lessThan', 'atMost', 'greaterThan', 'atLeast'] as const;
export type Comparison = (typeof comparisons)[number];

export const textTests = ['startsWith', 'endsWith', 'contains'] as const;
export type TextTest = (typeof textTests)[number];

/**
 * A condition on an event as data: what a person writes, a file holds or an API takes; never code. It means what the
 * same expression means in a view: three-valued logic, and true is the only truth.
 */
export type Condition =
  | { readonly field: string; readonly is: Comparison; readonly value: ConditionValue }
  | { readonly field: string; readonly is: TextTest; readonly value: string }
  | { readonly field: string; readonly is: 'oneOf'; readonly values: readonly ConditionValue[] }
  | { readonly field: string; readonly is: 'null' }
  | { readonly field: string; readonly is: 'notNull' }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

type FieldExpression = NumberExpression | TimeExpression | TextExpression | BooleanExpression;

/** The condition in the view language, checked against the stream's fields. Throws CONDITION_INVALID with every fault. */
export function conditionOf(stream: Stream, condition: Condition): Expr {
  try {
    return eventCondition(stream, (event) => build(condition, (name) => event[name]));
  } catch (error) {
    if (!(error instanceof ViewError)) throw error;
    throw new CorrectionError(
      'CONDITION_INVALID',
      `The condition does not fit stream ${stream.name}: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}

function build(condition: Condition, fieldOf: (name: string) => FieldExpression | undefined): BooleanExpression {
  if ('all' in condition) return joined(condition.all, 'and', fieldOf);
  if ('any' in condition) return joined(condition.any, 'or', fieldOf);
  if ('not' in condition) return build(condition.not, fieldOf).not();
  const field = fieldOf(condition.field);
  if (field === undefined) throw invalid(`there is no field ${condition.field}.`);
  switch (condition.is) {
    case 'null':
      return field.isNull();
    case 'notNull':
      return field.isNotNull();
    case 'oneOf':
      if (condition.values.length === 0) throw invalid(`the list of values of ${condition.field} is empty.`);
      return anyOf(condition.values.map((value) => compare(field, condition.field, 'equals', value)));
    case 'startsWith':
    case 'endsWith':
    case 'contains':
      if (field instanceof TextExpression) return field[condition.is](condition.value);
      throw invalid(`${condition.field} is no text; ${condition.is} is asked of texts only.`);
    default:
      return compare(field, condition.field, condition.is, condition.value);
  }
}

function joined(
  parts: readonly Condition[],
  by: 'and' | 'or',
  fieldOf: (name: string) => FieldExpression | undefined,
): BooleanExpression {
  const [first, ...others] = parts.map((part) => build(part, fieldOf));
  if (first === undefined) throw invalid(`an empty list of conditions is neither true nor false.`);
  return others.length === 0 ? first : first[by](...others);
}

function anyOf([first, ...others]: readonly BooleanExpression[]): BooleanExpression {
  if (first === undefined) throw invalid('an empty list of conditions is neither true nor false.');
  return others.length === 0 ? first : first.or(...others);
}

/** A literal of the wrong kind is told by the expression itself, in the stream's own units. */
function compare(field: FieldExpression, name: string, is: Comparison, value: ConditionValue): BooleanExpression {
  if (field instanceof BooleanExpression) {
    if ((is !== 'equals' && is !== 'notEquals') || typeof value !== 'boolean')
      throw invalid(`${name} is true or false; it is compared by equals and notEquals with one of the two.`);
    return field[is](value);
  }
  if (typeof value === 'boolean') throw invalid(`${name} is neither true nor false; it is not compared with ${value}.`);
  if (field.kind === 'number') {
    if (typeof value !== 'number') throw invalid(`${name} is a number; it is not compared with '${value}'.`);
    return field[is](value);
  }
  if (field.kind === 'text') {
    if (typeof value !== 'string') throw invalid(`${name} is a text; write '${value}' in quotes.`);
    return field[is](value);
  }
  return field[is](value);
}

function invalid(message: string): CorrectionError {
  return new CorrectionError('CONDITION_INVALID', `The condition can not be used: ${message}`);
}
