import { BatchError } from './errors.ts';

/** A cron expression in UTC, as sets of allowed values: five fields, or six with seconds first. */
export interface CronSlots {
  readonly expression: string;
  readonly seconds: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Both day fields are restricted: then either may match, as cron has always done. */
  readonly eitherDay: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** No expression that matches at all is silent longer than this (29 February, over a century's gap). */
const LONGEST_SILENCE_MS = 8.2 * 366 * 86_400_000;

export function parseCron(expression: string): CronSlots {
  const fields = expression.trim().toLowerCase().split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  const [seconds, minutes, hours, days, months, weekdays] = fields;
  if (fields.length !== 6 || !seconds || !minutes || !hours || !days || !months || !weekdays)
    throw invalid(
      expression,
      `it has ${fields.length} fields; five (minute hour day month weekday) or six with seconds first are expected`,
    );
  const parse = (text: string, low: number, high: number, names: readonly string[] = []): ReadonlySet<number> =>
    parseField(expression, text, low, high, names);
  const week = new Set([...parse(weekdays, 0, 7, WEEKDAYS)].map((day) => day % 7));
  return {
    expression,
    seconds: parse(seconds, 0, 59),
    minutes: parse(minutes, 0, 59),
    hours: parse(hours, 0, 23),
    days: parse(days, 1, 31),
    months: parse(months, 1, 12, MONTHS),
    weekdays: week,
    eitherDay: days !== '*' && weekdays !== '*',
  };
}

/** The newest slot at or before `now` (milliseconds UTC); null when there is none within any silence a cron expression can have. */
export function latestSlot(slots: CronSlots, now: number): number | null {
  let at = Math.floor(now / SECOND_MS) * SECOND_MS;
  for (const oldest = now - LONGEST_SILENCE_MS; at >= oldest;) {
    const date = new Date(at);
    if (!slots.months.has(date.getUTCMonth() + 1) || !dayMatches(slots, date)) at = startOfDay(date) - SECOND_MS;
    else if (!slots.hours.has(date.getUTCHours())) at = Math.floor(at / (60 * MINUTE_MS)) * 60 * MINUTE_MS - SECOND_MS;
    else if (!slots.minutes.has(date.getUTCMinutes())) at = Math.floor(at / MINUTE_MS) * MINUTE_MS - SECOND_MS;
    else if (!slots.seconds.has(date.getUTCSeconds())) at -= SECOND_MS;
    else return at;
  }
  return null;
}

function dayMatches(slots: CronSlots, date: Date): boolean {
  const day = slots.days.has(date.getUTCDate());
  const weekday = slots.weekdays.has(date.getUTCDay());
  return slots.eitherDay ? day || weekday : day && weekday;
}

function startOfDay(date: Date): number {
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}

function parseField(
  expression: string,
  text: string,
  low: number,
  high: number,
  names: readonly string[],
): ReadonlySet<number> {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [range = '', stepText] = item.split('/');
    const step = stepText === undefined ? 1 : Number(stepText);
    const [from = '', to] = range.split('-');
    const first = range === '*' ? low : valueOf(from, low, names);
    const last =
      range === '*' ? high : to !== undefined ? valueOf(to, low, names) : stepText === undefined ? first : high;
    if (
      !Number.isInteger(step) ||
      step < 1 ||
      !Number.isInteger(first) ||
      !Number.isInteger(last) ||
      first < low ||
      last > high ||
      first > last
    )
      throw invalid(expression, `"${item}" is not a value, range or step within ${low}-${high}`);
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}

function valueOf(text: string, low: number, names: readonly string[]): number {
  const named = names.indexOf(text);
  if (named >= 0) return named + low;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

function invalid(expression: string, why: string): BatchError {
  return new BatchError('CRON_INVALID', `schedule "${expression}": ${why}. Times are UTC.`);
}
