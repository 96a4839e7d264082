import { compilePattern } from './compile-pattern.ts';
import { Token } from './json-cursor.ts';
import { hexDigit, unescape } from './json-string.ts';
import { isHyphen } from './plain-text.ts';
import { excerpt, fieldFault, wrongType, type FieldRead, type RowFault } from './staged-row.ts';
import { normaliser } from './normal-text.ts';
import type { Field, FieldType } from './stream.ts';
import { countCodePoints } from './utf8.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Checks the text `[start, end)` of some bytes. */
type TextCheck = (bytes: Uint8Array, start: number, end: number) => RowFault | null;

/** @param normalise gives the end of what it makes of the text `[start, end)`, in its place */
function checkedText(
  field: Field,
  index: number,
  check: TextCheck,
  normalise: ((bytes: Uint8Array, start: number, end: number) => number) | null = null,
): FieldRead {
  return (row, token, bytes, start, end) => {
    if (token !== Token.string && token !== Token.escaped) return wrongType(field, token, 'a text');
    const from = row.textLength;
    // A text without escapes is copied as it is: `unescape` does both.
    const whole = unescape(bytes, start, end, row.texts, from);
    const to = normalise === null ? whole : normalise(row.texts, from, whole);
    const found = check(row.texts, from, to);
    if (found === null) row.setText(index, to);
    return found;
  };
}

export function textReader(field: Field, index: number, type: FieldType & { readonly kind: 'text' }): FieldRead {
  const { maxLength, matches: pattern, normal } = type;
  const test = pattern === null ? null : compilePattern(pattern);
  const check: TextCheck = (bytes, start, end) => {
    const length = end - start <= maxLength ? 0 : countCodePoints(bytes, start, end);
    if (length > maxLength)
      return fieldFault(
        field,
        'TOO_LONG',
        `'${field.source}' has ${length} characters, and at most ${maxLength} are taken.`,
      );
    if (typeof test !== 'function' || test(utf8.decode(bytes.subarray(start, end)))) return null;
    return fieldFault(
      field,
      'NO_MATCH',
      `'${field.source}' is ${excerpt(bytes, start, end)}, which does not match ${pattern}.`,
    );
  };
  return checkedText(field, index, check, normal === undefined ? null : normaliser(normal));
}

export function enumerationReader(field: Field, index: number, values: readonly string[]): FieldRead {
  const known = new Set(values);
  return checkedText(field, index, (bytes, start, end) => {
    if (known.has(utf8.decode(bytes.subarray(start, end)))) return null;
    return fieldFault(
      field,
      'NOT_IN_ENUMERATION',
      `'${field.source}' is ${excerpt(bytes, start, end)}, which is not in the enumeration.`,
    );
  });
}

/** Kept in lower case. */
export function uuidReader(field: Field, index: number): FieldRead {
  return checkedText(field, index, (bytes, start, end) => {
    const sound =
      end - start === 36 &&
      bytes.subarray(start, end).every((byte, i) => (isHyphen(i) ? byte === 45 : hexDigit(byte) !== -1));
    if (!sound)
      return fieldFault(
        field,
        'NO_MATCH',
        `'${field.source}' is ${excerpt(bytes, start, end)}, and a uuid was expected.`,
      );
    for (let at = start; at < end; at++)
      if ((bytes[at] ?? 0) >= 65 && (bytes[at] ?? 0) <= 70) bytes[at] = (bytes[at] ?? 0) | 32;
    return null;
  });
}

/** Base64 in its one canonical form: padded, and with no bit set that stands for nothing. */
export function bytesReader(field: Field, index: number, maxLength: number): FieldRead {
  return checkedText(field, index, (bytes, start, end) => {
    const padding = bytes[end - 1] !== 61 ? 0 : bytes[end - 2] !== 61 ? 1 : 2;
    const digits = end - start < padding ? 0 : end - start - padding;
    let sound = (end - start) % 4 === 0;
    for (let at = start; at < start + digits; at++) if (base64Digit(bytes[at] ?? 0) === -1) sound = false;
    const last = digits === 0 ? 0 : base64Digit(bytes[start + digits - 1] ?? 0);
    if (!sound || (last & (4 ** padding - 1)) !== 0)
      return fieldFault(
        field,
        'NO_MATCH',
        `'${field.source}' is ${excerpt(bytes, start, end)}, and base64 with its padding was expected.`,
      );
    const length = ((end - start) / 4) * 3 - padding;
    if (length <= maxLength) return null;
    return fieldFault(field, 'TOO_LONG', `'${field.source}' has ${length} bytes, and at most ${maxLength} are taken.`);
  });
}

/** The six bits of a digit of base64; -1 where it is none. */
function base64Digit(byte: number): number {
  if (byte >= 65 && byte <= 90) return byte - 65;
  if (byte >= 97 && byte <= 122) return byte - 71;
  if (byte >= 48 && byte <= 57) return byte + 4;
  return byte === 43 ? 62 : byte === 47 ? 63 : -1;
}
