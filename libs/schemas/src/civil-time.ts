const dayMs = 86_400_000;

/** Days from 1970-01-01 to a date of the Gregorian calendar (also before 1582). */
export function daysFromDate(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const century = Math.floor(shifted / 400);
  const yearOfCentury = shifted - century * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfCentury =
    yearOfCentury * 365 + Math.floor(yearOfCentury / 4) - Math.floor(yearOfCentury / 100) + dayOfYear;
  return century * 146_097 + dayOfCentury - 719_468;
}

/** Days since 1970-01-01 of `YYYY-MM-DD` with a year from 0001, or NaN. 2024-02-30 is no date. */
export function parseDate(text: string): number {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  return checkedDays(Number(year), Number(month), Number(day));
}

/** Units of an instant: how many make a second. */
export const unitsPerSecond = { s: 1, ms: 1_000, us: 1_000_000 } as const;

/**
 * Units since 1970 of `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, in capitals, in UTC. NaN when it is no such text, has a leap
 * second or an hour 24; null when its fraction has digits other than 0 beyond the unit. Never rounds.
 */
export function parseInstant(text: string, unit: 's' | 'ms' | 'us'): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?Z$/.exec(text);
  if (match === null) return NaN;
  const days = checkedDays(Number(match[1]), Number(match[2]), Number(match[3]));
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6]);
  if (Number.isNaN(days) || hour > 23 || minute > 59 || second > 59) return NaN;
  const digits = unit === 's' ? 0 : unit === 'ms' ? 3 : 6;
  const fraction = match[7] ?? '';
  if (/[1-9]/.test(fraction.slice(digits))) return null;
  const seconds = days * (dayMs / 1000) + hour * 3600 + minute * 60 + second;
  return seconds * unitsPerSecond[unit] + Number(fraction.slice(0, digits).padEnd(digits, '0'));
}

/** The years 0001 to 9999 in the unit, cut to what a column holds exactly (microseconds: 1684 to 2255). */
export function instantRange(unit: 's' | 'ms' | 'us'): { readonly min: number; readonly max: number } {
  const perSecond = unitsPerSecond[unit];
  const min = daysFromDate(1, 1, 1) * 86_400 * perSecond;
  const max = daysFromDate(10_000, 1, 1) * 86_400 * perSecond - 1;
  // Not 2^53 itself: an instant above it could have been rounded down to it.
  return { min: Math.max(min, Number.MIN_SAFE_INTEGER), max: Math.min(max, Number.MAX_SAFE_INTEGER) };
}

/** The years 0001 to 9999 in days. */
export const dateRange = { min: daysFromDate(1, 1, 1), max: daysFromDate(9999, 12, 31) } as const;

/** Days from 1970-01-01, or NaN when there is no such day in the years 1 to 9999. */
export function checkedDays(year: number, month: number, day: number): number {
  if (!(year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1)) return NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return day <= length ? daysFromDate(year, month, day) : NaN;
}
