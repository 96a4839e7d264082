import { compilePattern } from '@twofold/schemas';
import type { NumberOf } from './evaluate-operators.ts';
import type { TextOf, TruthOf } from './evaluate-text.ts';
import type { Expr } from './expression.ts';

/* Functions of texts count code points, never halves of them; NaN and null are null. */

/** The number that a text gives. */
export function numberOfText(text: TextOf, of: (text: string) => number): NumberOf {
  return (columns, row) => {
    const value = text(columns, row);
    return value === null ? NaN : of(value);
  };
}

/** The text that a text gives. */
export function textOfText(text: TextOf, of: (text: string) => string): TextOf {
  return (columns, row) => {
    const value = text(columns, row);
    return value === null ? null : of(value);
  };
}

export function codePoints(text: string): number {
  let count = text.length;
  // Second halves are counted with the first.
  for (let i = 1; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}

export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A code point of two halves has four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3;
  }
  return bytes;
}

/** Code points before the first place that has the text; -1 where none has. */
export function codePointsBefore(text: string, needle: string): number {
  const at = text.indexOf(needle);
  return at <= 0 ? at : codePoints(text.slice(0, at));
}

export function substring(text: string, start: number, length: number | null): string {
  if (text.length === codePoints(text)) return text.slice(start, length === null ? undefined : start + length);
  return [...text].slice(start, length === null ? undefined : start + length).join('');
}

export function lastOf(text: string, length: number): string {
  return text.length === codePoints(text) ? text.slice(-length) : [...text].slice(-length).join('');
}

export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

export function trimmed(text: string): string {
  return text.replace(/^ +/, '').replace(/ +$/, '');
}

export function patternTestOf(pattern: string): (text: string) => boolean {
  const test = compilePattern(pattern);
  return typeof test === 'string' ? () => false : test;
}

export function joinedTexts(args: readonly TextOf[]): TextOf {
  return (columns, row) => {
    let joined = '';
    for (const arg of args) {
      const value = arg(columns, row);
      if (value === null) return null;
      joined += value;
    }
    return joined;
  };
}

/** The largest or least number that is not null. */
export function extremeOf(op: 'greatest' | 'least', args: readonly NumberOf[]): NumberOf {
  const better = op === 'greatest' ? Math.max : Math.min;
  return (columns, row) => {
    let found = NaN;
    for (const arg of args) {
      const value = arg(columns, row);
      if (value === value) found = found === found ? better(found, value) : value;
    }
    return found;
  };
}

/** NaN is a value like any other, and equal to itself. */
export function distinctNumbers(left: NumberOf, right: NumberOf): TruthOf {
  return (columns, row) => {
    const [a, b] = [left(columns, row), right(columns, row)];
    return a === b || (a !== a && b !== b) ? 0 : 1;
  };
}

export function distinctTexts(left: TextOf, right: TextOf): TruthOf {
  return (columns, row) => (left(columns, row) === right(columns, row) ? 0 : 1);
}

type CalendarOp = Extract<Expr['op'], 'year' | 'month' | 'dayOfMonth' | 'isoWeek'>;

/** A part of a day's date, by days since 1970 in the Gregorian calendar, before 1582 too. */
export function calendarPartOf(op: CalendarOp, days: NumberOf): NumberOf {
  return (columns, row) => {
    const day = days(columns, row);
    if (day !== day) return NaN;
    if (op === 'isoWeek') return isoWeek(day);
    const [year, month, dayOfMonth] = civil(day);
    return op === 'year' ? year : op === 'month' ? month : dayOfMonth;
  };
}

/** A year begins in March, so that the day that may be missing is its last. */
function civil(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

/** The week of a day is that of its Thursday, whose year it counts in. */
function isoWeek(days: number): number {
  const thursday = Math.floor((days + 3) / 7) * 7;
  const [year, month, day] = civil(thursday);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1] ?? 0;
  const dayOfYear = before + (leap && month > 2 ? 1 : 0) + day - 1;
  return Math.floor(dayOfYear / 7) + 1;
}
