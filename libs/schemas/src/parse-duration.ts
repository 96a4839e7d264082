import { SchemaError } from './errors.ts';

/** A length of time with its unit: '250ms', '30s', '5m', '2h', '1d'. A day is 24 hours. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The milliseconds of a duration. Whole numbers only. Throws `INVALID_DURATION`. */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = digits !== undefined && isUnit(unit) ? Number(digits) * unitMs[unit] : NaN;
  if (Number.isSafeInteger(ms)) return ms;
  throw new SchemaError(
    'INVALID_DURATION',
    `'${text}' is not a duration. Write a whole number and a unit: '250ms', '30s', '5m', '2h' or '1d'.`,
    { facts: { text } },
  );
}

function isUnit(text: string | undefined): text is keyof typeof unitMs {
  return text !== undefined && Object.hasOwn(unitMs, text);
}
