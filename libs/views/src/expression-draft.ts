import { parseDate, parseInstant, type Field } from '@twofold/schemas';
import type { Expr, ExprType } from './expression.ts';
import type { ViewProblemCode } from './errors.ts';
import { literalUnits } from './expression-units.ts';
import { expressionText } from './expression-text.ts';

/** What is wrong with an expression. `view()` says where. */
export interface Fault {
  readonly code: ViewProblemCode;
  readonly message: string;
}

/** An expression under declaration: the tree, and what was found wrong while it grew. */
export interface ExpressionDraft {
  readonly expr: Expr;
  /** Of measure, for people: '°C'. Null: none, or none that is known. */
  readonly unit: string | null;
  /** The values an enumeration has; null: any text. */
  readonly values: readonly string[] | null;
  readonly faults: readonly Fault[];
}

export type NumberType = Extract<ExprType, { kind: 'number' }>;
export type Literal = number | string | boolean;

export const largestInteger = 2 ** 53;

export function fieldDraft(field: Field): ExpressionDraft {
  const type = fieldExprType(field);
  const values = field.type.kind === 'enumeration' ? field.type.values : null;
  return { expr: { op: 'field', field: field.name, type }, unit: field.unit, values, faults: [] };
}

/** The type that a field's column has in expressions. */
export function fieldExprType(field: Field): ExprType {
  const nullable = field.optional;
  const range = { min: field.min ?? -largestInteger, max: field.max ?? largestInteger, nullable };
  switch (field.type.kind) {
    case 'int':
      return { kind: 'number', scale: 0, quantum: null, ...range };
    case 'decimal':
      return { kind: 'number', scale: field.type.scale, quantum: null, ...range };
    case 'float':
      return { kind: 'number', scale: 0, quantum: field.type.quantum === 1 ? null : field.type.quantum, ...range };
    case 'instant':
      return { kind: 'instant', unit: field.type.unit, ...range };
    case 'date':
      return { kind: 'date', ...range };
    case 'boolean':
      return { kind: 'boolean', nullable };
    default:
      return { kind: 'text', nullable };
  }
}

/** A literal in the units of what it stands beside; what can not be held exactly is a fault, and 0 meanwhile. */
export function literalBeside(value: Literal, beside: ExpressionDraft): ExpressionDraft {
  const type = beside.expr.type;
  switch (type.kind) {
    case 'number': {
      const units = typeof value === 'number' ? literalUnits(value, type) : { reason: 'is no number' };
      const name = expressionText(beside.expr);
      return typeof units === 'number'
        ? constant(units, { ...type, min: units, max: units, nullable: false })
        : faulty(0, type, 'LITERAL_INEXACT', `${shown(value)} stands beside '${name}', but it ${units.reason}.`);
    }
    case 'instant':
    case 'date':
      return timeLiteral(value, type);
    case 'boolean':
      return typeof value === 'boolean'
        ? constant(value, { kind: 'boolean', nullable: false })
        : faulty(false, type, 'LITERAL_INVALID', `${shown(value)} is neither true nor false.`);
    case 'text':
      return textLiteral(value, beside);
  }
}

export function constant(value: Literal, type: ExprType): ExpressionDraft {
  return { expr: { op: 'literal', value, type }, unit: null, values: null, faults: [] };
}

/** Null, as a value of the other's type. */
export function nullBeside(beside: ExpressionDraft): ExpressionDraft {
  return { ...beside, expr: { op: 'literal', value: null, type: { ...beside.expr.type, nullable: true } }, faults: [] };
}

export function withFault(draft: ExpressionDraft, code: ViewProblemCode, message: string): ExpressionDraft {
  return { ...draft, faults: [...draft.faults, { code, message }] };
}

export function faultsOf(...drafts: readonly ExpressionDraft[]): readonly Fault[] {
  return drafts.flatMap((draft) => draft.faults);
}

function timeLiteral(value: Literal, type: Extract<ExprType, { kind: 'instant' | 'date' }>): ExpressionDraft {
  const units =
    typeof value !== 'string' ? value : type.kind === 'date' ? parseDate(value) : parseInstant(value, type.unit);
  const form = type.kind === 'date' ? "'2026-03-01'" : `'2026-03-01T12:00:00Z' or whole ${type.unit} since 1970`;
  return typeof units === 'number' && Number.isSafeInteger(units)
    ? constant(units + 0, { ...type, min: units, max: units, nullable: false })
    : faulty(0, type, 'LITERAL_INVALID', `${shown(value)} is no ${type.kind}. Write it as ${form}.`);
}

function textLiteral(value: Literal, beside: ExpressionDraft): ExpressionDraft {
  const type: ExprType = { kind: 'text', nullable: false };
  if (typeof value !== 'string' || !value.isWellFormed())
    return faulty('', type, 'LITERAL_INVALID', `${shown(value)} is no text, or holds half a character.`);
  const { values } = beside;
  return values === null || values.includes(value)
    ? constant(value, type)
    : faulty(
        value,
        type,
        'LITERAL_INVALID',
        `${shown(value)} is none of the values of '${expressionText(beside.expr)}': ${values.join(', ')}.`,
      );
}

function faulty(value: Literal, type: ExprType, code: ViewProblemCode, message: string): ExpressionDraft {
  return withFault(constant(value, type), code, message);
}

function shown(value: Literal): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
