import { ScheduleError } from './errors.ts';

/** A cron expression in UTC, as sets of allowed values: five fields, or six with seconds first. */
export interface CronTable {
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

const NAMED: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** `TZ=…` or `CRON_TZ=…` in front, or a place such as Europe/Vienna anywhere. */
const ZONE = /^(?:cron_)?tz=|(?:^|\s)[a-z_]{4,}\/[a-z_]{3,}/;

/** @throws CRON_INVALID, CRON_ZONED */
export function parseCron(expression: string): CronTable {
  const text = expression.trim().toLowerCase();
  if (ZONE.test(text))
    throw new ScheduleError(
      'CRON_ZONED',
      `schedule "${expression}" names a time zone. Local time skips an hour and repeats an hour each year, so that a slot would be missing or would come twice; schedules are in UTC. Leave the zone off and write the hours in UTC.`,
      { facts: { expression } },
    );
  const fields = (NAMED[text] ?? text).split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  const [seconds, minutes, hours, days, months, weekdays] = fields;
  if (fields.length !== 6 || !seconds || !minutes || !hours || !days || !months || !weekdays)
    throw invalid(
      expression,
      `it has ${fields.length} fields; five (minute hour day month weekday), six with seconds first, or a name like @daily are expected`,
    );
  const parse = (field: string, low: number, high: number, names: readonly string[] = [], last = high) =>
    parseField(expression, field, { low, high, last, names });
  const week = parse(weekdays, 0, 6, WEEKDAYS, 7);
  return {
    expression,
    seconds: parse(seconds, 0, 59),
    minutes: parse(minutes, 0, 59),
    hours: parse(hours, 0, 23),
    days: parse(days, 1, 31),
    months: parse(months, 1, 12, MONTHS),
    weekdays: new Set([...week].map((day) => day % 7)),
    eitherDay: !isAny(days) && !isAny(weekdays),
  };
}

/**
 * An expression for whoever only has to wake somebody: every slot is in it, other times may be. It uses plain lists
 * only, so that every cron library reads it alike.
 */
export function wakeExpression({ seconds, minutes, hours, months }: CronTable): string {
  const list = (values: ReadonlySet<number>): string => [...values].sort((a, b) => a - b).join(',');
  return `${list(seconds)} ${list(minutes)} ${list(hours)} * ${list(months)} *`;
}

const isAny = (field: string): boolean => field === '*' || field === '?';

interface FieldRule {
  readonly low: number;
  /** Where `*` and an open step end. */
  readonly high: number;
  /** The largest value that may be written. */
  readonly last: number;
  readonly names: readonly string[];
}

function parseField(expression: string, text: string, rule: FieldRule): ReadonlySet<number> {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [range = '', stepText, more] = item.split('/');
    const step = stepText === undefined ? 1 : wholeOf(stepText, rule);
    const [from = '', to, beyond] = range.split('-');
    const first = isAny(range) ? rule.low : wholeOf(from, rule);
    const end = to !== undefined ? wholeOf(to, rule) : isAny(range) || stepText !== undefined ? rule.high : first;
    const fits = step >= 1 && first >= rule.low && end <= rule.last && first <= end;
    if (!fits || more !== undefined || beyond !== undefined)
      throw invalid(expression, `"${item}" is not a value, range or step within ${rule.low}-${rule.last}`);
    for (let value = first; value <= end; value += step) values.add(value);
  }
  return values;
}

/** NaN when it is none: then nothing fits. */
function wholeOf(text: string, { low, names }: FieldRule): number {
  const named = names.indexOf(text);
  if (named >= 0) return named + low;
  return /^\d{1,4}$/.test(text) ? Number(text) : NaN;
}

function invalid(expression: string, why: string): ScheduleError {
  return new ScheduleError('CRON_INVALID', `schedule "${expression}": ${why}. Times are UTC.`, {
    facts: { expression },
  });
}
