import { parseDate, parseDuration, parseInstant } from '@twofold/schemas';
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/** Reads what a client sends in a variable or a literal: text, or a number where `numbers` says so. */
function inputOf(name: string, example: string, read: (text: string) => string | null, numbers: boolean) {
  const wrong = (found: string): GraphQLError =>
    new GraphQLError(`${found} is not a ${name}. Write it as text, such as "${example}".`);
  const parse = (text: string): string => {
    const value = text.length > 100 ? null : read(text);
    if (value === null) throw wrong(JSON.stringify(text.slice(0, 100)));
    return value;
  };
  return {
    parseValue: (value: unknown): string => {
      if (typeof value === 'string') return parse(value);
      if (numbers && typeof value === 'number' && Number.isFinite(value)) return parse(String(value));
      throw wrong(`A ${typeof value}`);
    },
    parseLiteral: (node: ValueNode): string => {
      if (node.kind === Kind.STRING) return parse(node.value);
      if (numbers && (node.kind === Kind.INT || node.kind === Kind.FLOAT)) return parse(node.value);
      throw wrong(`A value of kind ${node.kind}`);
    },
  };
}

const asText = (value: unknown): string => String(value);

export const bigIntScalar = new GraphQLScalarType<string, string>({
  name: 'BigInt',
  description: 'An integer of any size, always as text: "9007199254740993".',
  serialize: asText,
  ...inputOf('BigInt', '42', (text) => (/^-?\d+$/.test(text) ? text : null), true),
});

export const decimalScalar = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description: 'An exact decimal number as text, with all digits of its scale: "12.340".',
  serialize: asText,
  ...inputOf('Decimal', '12.340', (text) => (/^-?\d+(\.\d+)?$/.test(text) ? text : null), true),
});

export const dateTimeScalar = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description: 'An instant as RFC 3339 text, in UTC when given: "2026-01-31T08:00:00.000Z".',
  serialize: (value) => (typeof value === 'number' ? isoText(value) : String(value)),
  ...inputOf('DateTime', '2026-01-31T08:00:00Z', (text) => (instantMs(text) === null ? null : text), false),
});

export const dateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A day as text: "2026-01-31".',
  serialize: asText,
  ...inputOf('Date', '2026-01-31', (text) => (Number.isInteger(parseDate(text)) ? text : null), false),
});

export const durationScalar = new GraphQLScalarType<string, string>({
  name: 'Duration',
  description: 'A length of time as a whole number and its unit, ms, s, m, h or d: "250ms", "30s", "1h".',
  serialize: (value) => (typeof value === 'number' ? durationText(value) : String(value)),
  ...inputOf('Duration', '30s', (text) => (durationMs(text) === null ? null : text), false),
});

const isoTexts = new Map<number, string>();
const MAX_ISO_TEXTS = 20_000;

/** Answers name the same windows again and again: writing an instant costs more than remembering it. */
export function isoText(ms: number): string {
  const known = isoTexts.get(ms);
  if (known !== undefined) return known;
  if (isoTexts.size >= MAX_ISO_TEXTS) isoTexts.clear();
  const text = new Date(ms).toISOString();
  isoTexts.set(ms, text);
  return text;
}

/** Milliseconds since 1970, finer digits cut off; null: not an instant. */
export function instantMs(text: string): number | null {
  const ms = parseInstant(text.replace(/(\.\d{3})\d+Z$/, '$1Z'), 'ms') ?? NaN;
  return Number.isInteger(ms) ? ms : null;
}

export function durationMs(text: string): number | null {
  try {
    return parseDuration(text);
  } catch {
    return null;
  }
}

/** In the largest unit that gives a whole number: 90000 is '90s'. */
export function durationText(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  const whole = Math.round(ms);
  const found = whole === 0 ? undefined : units.find(([, size]) => whole % size === 0);
  return found === undefined ? `${whole}ms` : `${whole / found[1]}${found[0]}`;
}
