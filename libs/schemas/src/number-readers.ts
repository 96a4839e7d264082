import { parseDate, parseInstant, unitsPerSecond } from './civil-time.ts';
import { decimalText } from './decimal-text.ts';
import { exactUnits, type ExactUnits } from './exact-units.ts';
import { Token } from './json-cursor.ts';
import { unescape } from './json-string.ts';
import {
  excerpt,
  fieldFault,
  quantaOf,
  wrongType,
  type FieldRead,
  type RowFault,
  type StagedRow,
} from './staged-row.ts';
import type { Field, FieldType } from './stream.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Stages a number that is within its bounds. */
function bounded(field: Field, index: number, row: StagedRow, value: number, found: () => string): RowFault | null {
  if (field.min !== null && field.max !== null && (value < field.min || value > field.max)) {
    return fieldFault(
      field,
      'OUT_OF_RANGE',
      `'${field.source}' is ${found()}, outside of ${declaredText(field.type, field.min)} to ${declaredText(field.type, field.max)}.`,
    );
  }
  row.setNumber(index, value);
  return null;
}

/** A bound in column units as it is declared, and as messages have it. */
function declaredText(type: FieldType, bound: number): string {
  switch (type.kind) {
    case 'decimal':
      return decimalText(bound, type.scale);
    case 'float':
      return String(bound * type.quantum);
    case 'date':
      return new Date(bound * 86_400_000).toISOString().slice(0, 10);
    case 'instant':
      return new Date(Math.floor((bound / unitsPerSecond[type.unit]) * 1_000)).toISOString();
    default:
      return String(bound);
  }
}

/** A number in units of 10^-scale: int and decimal. */
export function exactReader(field: Field, index: number, scale: number, round: boolean): FieldRead {
  return (row, token, bytes, start, end) => {
    if (token !== Token.number) return wrongType(field, token, 'a number');
    return unitsRead(field, index, row, exactUnits(bytes, start, end, scale, round), () => excerpt(bytes, start, end));
  };
}

function unitsRead(
  field: Field,
  index: number,
  row: StagedRow,
  units: ExactUnits,
  found: () => string,
): RowFault | null {
  if (units.ok) return bounded(field, index, row, units.value, found);
  const why =
    units.code === 'INEXACT_NUMBER'
      ? 'more than a column holds exactly (2^53 units)'
      : 'with digits beyond the scale of the field';
  return fieldFault(field, units.code, `'${field.source}' is ${found()}, ${why}.`);
}

export function floatReader(field: Field, index: number, quantum: number): FieldRead {
  return (row, token, bytes, start, end) => {
    if (token !== Token.number) return wrongType(field, token, 'a number');
    const quanta = quantaOf(Number(utf8.decode(bytes.subarray(start, end))), quantum);
    const found = (): string => excerpt(bytes, start, end);
    if (!Number.isNaN(quanta)) return bounded(field, index, row, quanta, found);
    return fieldFault(
      field,
      'INEXACT_NUMBER',
      `'${field.source}' is ${found()}, more than a column holds exactly (2^53 quanta).`,
    );
  };
}

/** An integer of the unit, or a text. */
export function instantReader(field: Field, index: number, unit: 's' | 'ms' | 'us'): FieldRead {
  return (row, token, bytes, start, end) => {
    const found = (): string => excerpt(bytes, start, end);
    if (token === Token.number) return unitsRead(field, index, row, exactUnits(bytes, start, end, 0, false), found);
    if (token !== Token.string && token !== Token.escaped) return wrongType(field, token, 'an instant');
    const value = parseInstant(plainText(row, token, bytes, start, end), unit);
    if (value === null) return unitsRead(field, index, row, { ok: false, code: 'TOO_MANY_DIGITS' }, found);
    if (!Number.isNaN(value)) return bounded(field, index, row, value, found);
    return fieldFault(
      field,
      'INVALID_INSTANT',
      `'${field.source}' is ${found()}, and 'YYYY-MM-DDTHH:MM:SS[.fraction]Z' was expected.`,
    );
  };
}

export function dateReader(field: Field, index: number): FieldRead {
  return (row, token, bytes, start, end) => {
    if (token !== Token.string && token !== Token.escaped) return wrongType(field, token, 'a date');
    const value = parseDate(plainText(row, token, bytes, start, end));
    const found = (): string => excerpt(bytes, start, end);
    if (!Number.isNaN(value)) return bounded(field, index, row, value, found);
    return fieldFault(
      field,
      'INVALID_INSTANT',
      `'${field.source}' is ${found()}, and a day as 'YYYY-MM-DD' was expected.`,
    );
  };
}

/** The text of a string token, without staging it. */
function plainText(row: StagedRow, token: Token, bytes: Uint8Array, start: number, end: number): string {
  if (token === Token.string) return utf8.decode(bytes.subarray(start, end));
  return utf8.decode(row.texts.subarray(row.textLength, unescape(bytes, start, end, row.texts, row.textLength)));
}

export function truthReader(field: Field, index: number): FieldRead {
  return (row, token) => {
    if (token !== Token.true && token !== Token.false) return wrongType(field, token, 'true or false');
    row.setNumber(index, token === Token.true ? 1 : 0);
    return null;
  };
}
