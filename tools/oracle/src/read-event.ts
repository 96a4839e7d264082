import type { Field, NormalText, RejectionCode, Stream } from '@twofold/schemas';
import { decimalUnits, floatQuanta, floorDivide } from './exact-number.ts';
import { flatMessage } from './flat-message.ts';
import { parseMessage, type JsonValue } from './json-value.ts';

/** A field's value: an integer in column units (a boolean as 0 or 1), a text, or null. */
export type Value = bigint | string | null;

/** An accepted event. */
export interface OracleEvent {
  /** By field name. */
  readonly values: ReadonlyMap<string, Value>;
  /** Milliseconds since 1970, rounded down. */
  readonly timeMs: number;
}

export interface Refused {
  readonly code: RejectionCode;
  /** Source name of the field at fault, or null. */
  readonly field: string | null;
}

const dayMs = 86_400_000n;

/** Reads one record by the rules of its stream: the message, then the fields as declared, then the event time (E11). */
export function readEvent(
  stream: Stream,
  value: Uint8Array | null,
  logTime: number,
  maxBytes: number,
): OracleEvent | Refused {
  if (value === null) return { code: 'NULL_VALUE', field: null };
  if (value.length > maxBytes) return { code: 'TOO_LARGE', field: null };
  const message = parseMessage(
    stream.format === 'debezium' ? flatMessage(value) : value,
    new Set(stream.fields.map(({ source, record }) => record?.path[0]?.source ?? source)),
  );
  if ('fault' in message) return { code: message.fault, field: message.key };
  const values = new Map<string, Value>();
  for (const field of stream.fields) {
    const found = valueAt(stream, field, message.members);
    if ('code' in found) return found;
    const optional = field.record?.optional ?? field.optional;
    const read = found.kind === 'nothing' ? null : readField({ ...field, optional }, found);
    if (typeof read === 'object' && read !== null) return { code: read.code, field: textOf(keysOf(field)) };
    values.set(field.name, read);
  }
  const timeField = stream.fields.find(({ name }) => name === stream.eventTime);
  const timeMs = Number(timeInMs(timeField, values.get(stream.eventTime) ?? null));
  if (stream.skewMs !== null && timeMs > logTime + stream.skewMs)
    return { code: 'FUTURE_EVENT_TIME', field: timeField === undefined ? null : textOf(keysOf(timeField)) };
  return { values, timeMs };
}

function keysOf({ source, record }: Field): readonly string[] {
  return [...(record?.path ?? []).map((step) => step.source), source];
}

function textOf(keys: readonly string[]): string {
  return keys.join('.');
}

/** What stands at a field's place; nothing where a record around it may be null and is. */
function valueAt(
  stream: Stream,
  field: Field,
  message: ReadonlyMap<string, JsonValue>,
): JsonValue | { readonly kind: 'nothing' } | Refused {
  const keys = keysOf(field);
  let around = message;
  for (const [depth, { source, optional }] of (field.record?.path ?? []).entries()) {
    const above = keys.slice(0, depth + 1);
    const found = around.get(source) ?? { kind: 'null' };
    if (found.kind === 'null') return optional ? { kind: 'nothing' } : { code: 'MISSING_FIELD', field: textOf(above) };
    if (found.kind !== 'object') return { code: 'WRONG_TYPE', field: textOf(above) };
    const declared = stream.fields
      .map(keysOf)
      .filter((other) => above.every((key, i) => other[i] === key))
      .map((other) => other[depth + 1]);
    const twice = found.entries.find(
      ([key], i) => declared.includes(key) && found.entries.findIndex(([same]) => same === key) < i,
    );
    if (twice !== undefined) return { code: 'DUPLICATE_KEY', field: textOf([...above, twice[0]]) };
    around = new Map(found.entries);
  }
  return around.get(field.source) ?? { kind: 'null' };
}

function timeInMs(field: Field | undefined, value: Value): bigint {
  if (field === undefined || typeof value !== 'bigint') throw new TypeError('the stream has no event time');
  if (field.type.kind === 'date') return value * dayMs;
  if (field.type.kind !== 'instant') throw new TypeError('the event time is no time');
  return field.type.unit === 's' ? value * 1000n : field.type.unit === 'ms' ? value : floorDivide(value, 1000n);
}

type Read = Value | { readonly code: RejectionCode };

function readField(field: Pick<Field, 'type' | 'optional' | 'min' | 'max'>, found: JsonValue): Read {
  if (found.kind === 'null') return field.optional ? null : { code: 'MISSING_FIELD' };
  const value = typedValue(field, found);
  if (typeof value !== 'bigint' || field.min === null || field.max === null) return value;
  return value < BigInt(field.min) || value > BigInt(field.max) ? { code: 'OUT_OF_RANGE' } : value;
}

function typedValue({ type }: Pick<Field, 'type'>, found: JsonValue): Read {
  const wrong = { code: 'WRONG_TYPE' } as const;
  switch (type.kind) {
    case 'int':
      return found.kind === 'number' ? unitsOf(found.raw, 0, false) : wrong;
    case 'decimal':
      return found.kind === 'number' ? unitsOf(found.raw, type.scale, type.round) : wrong;
    case 'float':
      if (found.kind !== 'number') return wrong;
      return floatQuanta(found.raw, type.quantum) ?? { code: 'INEXACT_NUMBER' };
    case 'boolean':
      return found.kind === 'true' ? 1n : found.kind === 'false' ? 0n : wrong;
    case 'instant':
      if (found.kind === 'number') return unitsOf(found.raw, 0, false);
      return found.kind === 'string' ? instantOf(found.text, type.unit) : wrong;
    case 'date':
      return found.kind === 'string' ? dateOf(found.text) : wrong;
    case 'enumeration':
      if (found.kind !== 'string') return wrong;
      return type.values.includes(found.text) ? found.text : { code: 'NOT_IN_ENUMERATION' };
    case 'uuid':
      if (found.kind !== 'string') return wrong;
      return /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(found.text)
        ? found.text.toLowerCase()
        : { code: 'NO_MATCH' };
    case 'bytes': {
      if (found.kind !== 'string') return wrong;
      const bytes = Buffer.from(found.text, 'base64');
      if (bytes.toString('base64') !== found.text) return { code: 'NO_MATCH' };
      return bytes.length > type.maxLength ? { code: 'TOO_LONG' } : found.text;
    }
    case 'list':
      return found.kind === 'list' ? listOf(type, found.items) : wrong;
    case 'text': {
      if (found.kind !== 'string') return wrong;
      const text = normalText(type.normal, found.text);
      if ([...text].length > type.maxLength) return { code: 'TOO_LONG' };
      // The declared language of patterns is a part of JavaScript's, where it means the same.
      if (type.matches === null || new RegExp(`^(?:${type.matches})$`, 'u').test(text)) return text;
      return { code: 'NO_MATCH' };
    }
  }
}

/** A text as its field says that it is kept. */
function normalText(normal: NormalText | undefined, text: string): string {
  const trimmed = normal?.trim === true ? text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '') : text;
  if (normal?.letters === 'lower') return trimmed.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return normal?.letters === 'upper' ? trimmed.replace(/[a-z]/g, (letter) => letter.toUpperCase()) : trimmed;
}

/** JSON without blanks, numbers in column units; a comma in a text is spelt by its code. */
function listOf(type: Extract<Field['type'], { kind: 'list' }>, items: readonly JsonValue[]): Read {
  const texts: string[] = [];
  for (const item of items) {
    const value = readField({ ...type.of, optional: false }, item);
    if (typeof value === 'object' && value !== null) return value;
    const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
    texts.push(typeof value === 'string' ? text.split(',').join('\\u002c') : text);
  }
  if (texts.length > type.maxItems) return { code: 'TOO_LONG' };
  if (type.unique && texts.some((text, i) => texts.indexOf(text) < i)) return { code: 'NOT_UNIQUE' };
  return `[${texts.join(',')}]`;
}

function unitsOf(raw: string, scale: number, round: boolean): Read {
  const units = decimalUnits(raw, scale, round);
  return typeof units === 'string' ? { code: units } : units;
}

function instantOf(text: string, unit: 's' | 'ms' | 'us'): Read {
  const [, day = '', hour, minute, second, fraction = ''] =
    /^([0-9-]{10})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?Z$/.exec(text) ?? [];
  const days = dateOf(day);
  if (typeof days !== 'bigint' || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return { code: 'INVALID_INSTANT' };
  const digits = { s: 0, ms: 3, us: 6 }[unit];
  if (/[1-9]/.test(fraction.slice(digits))) return { code: 'TOO_MANY_DIGITS' };
  const seconds = days * 86_400n + BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second));
  return seconds * 10n ** BigInt(digits) + BigInt(fraction.slice(0, digits).padEnd(digits, '0') || '0');
}

function dateOf(text: string): Read {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? [];
  const date = new Date(0);
  const ms = date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const same = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return same && Number(year) >= 1 ? BigInt(ms) / dayMs : { code: 'INVALID_INSTANT' };
}
