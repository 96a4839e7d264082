import { parseDate, parseInstant } from './civil-time.ts';
import type { RejectionCode } from './columns.ts';
import { compilePattern } from './compile-pattern.ts';
import { exactUnits, type ExactUnits } from './exact-units.ts';
import { Token } from './json-reader.ts';
import { hexDigit, unescape } from './json-string.ts';
import { excerpt, quantaOf, type RowFault, type StagedRow } from './staged-row.ts';
import type { Field } from './stream.ts';
import { countCodePoints } from './utf8.ts';

/** Turns the token `[start, end)` of a sound message into the staged value of one field, or says why it can not. */
export type FieldReader = (
  row: StagedRow,
  token: Token,
  bytes: Uint8Array,
  start: number,
  end: number,
) => RowFault | null;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const tokenNames = ['nothing', 'null', 'false', 'true', 'a number', 'a text', 'a text', 'a list', 'an object'];

/** The exact reader of field number `index`. Required fields refuse null and absence, optional ones keep null. */
export function fieldReader(field: Field, index: number): FieldReader {
  const read = kindReader(field, index);
  return (row, token, bytes, start, end) => {
    if (token > Token.null) return read(row, token, bytes, start, end);
    if (field.optional) return null;
    return fault(
      field,
      'MISSING_FIELD',
      `'${field.source}' is ${token === Token.null ? 'null' : 'not there'}, and the field is not optional.`,
    );
  };
}

function kindReader(field: Field, index: number): FieldReader {
  switch (field.type.kind) {
    case 'int':
      return exactNumber(field, index, 0, false);
    case 'decimal':
      return exactNumber(field, index, field.type.scale, field.type.round);
    case 'float':
      return floatNumber(field, index, field.type.quantum);
    case 'instant':
      return instantOf(field, index, field.type.unit);
    case 'date':
      return dateOf(field, index);
    case 'boolean':
      return truth(field, index);
    case 'uuid':
      return uuidText(field, index);
    case 'enumeration':
      return checkedText(field, index, oneOf(field, field.type.values));
    case 'text':
      return checkedText(field, index, textChecks(field, field.type.maxLength, field.type.matches));
  }
}

function fault(field: Field, code: RejectionCode, detail: string): RowFault {
  return { code, field: field.source, detail };
}

function wrongType(field: Field, token: Token, wanted: string): RowFault {
  return fault(field, 'WRONG_TYPE', `'${field.source}' is ${tokenNames[token]}, and ${wanted} was expected.`);
}

/** Stages a number that is within its bounds. */
function bounded(field: Field, index: number, row: StagedRow, value: number, found: () => string): RowFault | null {
  if (field.min !== null && field.max !== null && (value < field.min || value > field.max)) {
    return fault(
      field,
      'OUT_OF_RANGE',
      `'${field.source}' is ${found()}, outside of ${field.min} to ${field.max} (in units of the column).`,
    );
  }
  row.setNumber(index, value);
  return null;
}

function exactNumber(field: Field, index: number, scale: number, round: boolean): FieldReader {
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
  return fault(field, units.code, `'${field.source}' is ${found()}, ${why}.`);
}

function floatNumber(field: Field, index: number, quantum: number): FieldReader {
  return (row, token, bytes, start, end) => {
    if (token !== Token.number) return wrongType(field, token, 'a number');
    const quanta = quantaOf(Number(utf8.decode(bytes.subarray(start, end))), quantum);
    const found = (): string => excerpt(bytes, start, end);
    if (!Number.isNaN(quanta)) return bounded(field, index, row, quanta, found);
    return fault(
      field,
      'INEXACT_NUMBER',
      `'${field.source}' is ${found()}, more than a column holds exactly (2^53 quanta).`,
    );
  };
}

function instantOf(field: Field, index: number, unit: 's' | 'ms' | 'us'): FieldReader {
  return (row, token, bytes, start, end) => {
    const found = (): string => excerpt(bytes, start, end);
    if (token === Token.number) return unitsRead(field, index, row, exactUnits(bytes, start, end, 0, false), found);
    if (token !== Token.string && token !== Token.escaped) return wrongType(field, token, 'an instant');
    const value = parseInstant(plainText(row, token, bytes, start, end), unit);
    if (value === null) return unitsRead(field, index, row, { ok: false, code: 'TOO_MANY_DIGITS' }, found);
    if (!Number.isNaN(value)) return bounded(field, index, row, value, found);
    return fault(
      field,
      'INVALID_INSTANT',
      `'${field.source}' is ${found()}, and 'YYYY-MM-DDTHH:MM:SS[.fraction]Z' was expected.`,
    );
  };
}

function dateOf(field: Field, index: number): FieldReader {
  return (row, token, bytes, start, end) => {
    if (token !== Token.string && token !== Token.escaped) return wrongType(field, token, 'a date');
    const value = parseDate(plainText(row, token, bytes, start, end));
    const found = (): string => excerpt(bytes, start, end);
    if (!Number.isNaN(value)) return bounded(field, index, row, value, found);
    return fault(field, 'INVALID_INSTANT', `'${field.source}' is ${found()}, and a day as 'YYYY-MM-DD' was expected.`);
  };
}

/** The text of a string token, without staging it. */
function plainText(row: StagedRow, token: Token, bytes: Uint8Array, start: number, end: number): string {
  if (token === Token.string) return utf8.decode(bytes.subarray(start, end));
  return utf8.decode(row.texts.subarray(row.textLength, unescape(bytes, start, end, row.texts, row.textLength)));
}

function truth(field: Field, index: number): FieldReader {
  return (row, token) => {
    if (token !== Token.true && token !== Token.false) return wrongType(field, token, 'true or false');
    row.setNumber(index, token === Token.true ? 1 : 0);
    return null;
  };
}

/** Checks the text `[start, end)` of some bytes. */
type TextCheck = (bytes: Uint8Array, start: number, end: number) => RowFault | null;

function checkedText(field: Field, index: number, check: TextCheck): FieldReader {
  return (row, token, bytes, start, end) => {
    if (token !== Token.string && token !== Token.escaped) return wrongType(field, token, 'a text');
    const from = row.textLength;
    // A text without escapes is copied as it is: `unescape` does both.
    const to = unescape(bytes, start, end, row.texts, from);
    const found = check(row.texts, from, to);
    if (found === null) row.setText(index, to);
    return found;
  };
}

function textChecks(field: Field, maxLength: number, pattern: string | null): TextCheck {
  const test = pattern === null ? null : compilePattern(pattern);
  return (bytes, start, end) => {
    const length = end - start <= maxLength ? 0 : countCodePoints(bytes, start, end);
    if (length > maxLength)
      return fault(
        field,
        'TOO_LONG',
        `'${field.source}' has ${length} characters, and at most ${maxLength} are taken.`,
      );
    if (typeof test !== 'function' || test(utf8.decode(bytes.subarray(start, end)))) return null;
    return fault(
      field,
      'NO_MATCH',
      `'${field.source}' is ${excerpt(bytes, start, end)}, which does not match ${pattern}.`,
    );
  };
}

function oneOf(field: Field, values: readonly string[]): TextCheck {
  const known = new Set(values);
  return (bytes, start, end) => {
    if (known.has(utf8.decode(bytes.subarray(start, end)))) return null;
    return fault(
      field,
      'NOT_IN_ENUMERATION',
      `'${field.source}' is ${excerpt(bytes, start, end)}, which is not in the enumeration.`,
    );
  };
}

function uuidText(field: Field, index: number): FieldReader {
  return checkedText(field, index, (bytes, start, end) => {
    const sound =
      end - start === 36 &&
      bytes.subarray(start, end).every((byte, i) => (isHyphen(i) ? byte === 45 : hexDigit(byte) !== -1));
    if (!sound)
      return fault(field, 'NO_MATCH', `'${field.source}' is ${excerpt(bytes, start, end)}, and a uuid was expected.`);
    for (let at = start; at < end; at++)
      if ((bytes[at] ?? 0) >= 65 && (bytes[at] ?? 0) <= 70) bytes[at] = (bytes[at] ?? 0) | 32;
    return null;
  });
}

/** Is this a place of a hyphen in a uuid? */
export function isHyphen(place: number): boolean {
  return place === 8 || place === 13 || place === 18 || place === 23;
}
