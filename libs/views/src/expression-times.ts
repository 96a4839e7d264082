import { dateRange, unitsPerSecond } from '@twofold/schemas';
import { aligned, bounded } from './expression-alignment.ts';
import { constant, withFault, type ExpressionDraft } from './expression-draft.ts';
import type { Expr, ExprType } from './expression.ts';
import { rangeOfArithmetic, type Range } from './expression-ranges.ts';
import { expressionText } from './expression-text.ts';
import { wholeNumbers } from './expression-units.ts';

/* Parts of times are those of UTC. What can be is made of arithmetic, which means the same in every engine. */

const secondsOfDay = 86_400;

/** Units between two times of a kind. */
export function elapsed(left: ExpressionDraft, right: ExpressionDraft): ExpressionDraft {
  const pair = aligned(left, right);
  const [a, b] = [pair.left.expr, pair.right.expr];
  const range = rangeOfArithmetic('subtract', rangeOfTime(a.type), rangeOfTime(b.type));
  const unit = a.type.kind === 'instant' ? a.type.unit : 'd';
  const nullable = a.type.nullable || b.type.nullable;
  const build = (type: ExprType): Expr => ({ op: 'subtract', left: a, right: b, type });
  return bounded(build, wholeNumbers, range, nullable, { unit, faults: pair.faults });
}

/** The day of an instant. */
export function dayOf(of: ExpressionDraft): ExpressionDraft {
  const { expr } = of;
  const perDay = unitsOf(expr.type, secondsOfDay);
  const { min, max } = rangeOfTime(expr.type);
  const [first, last] = [Math.floor(Number(min) / perDay), Math.floor(Number(max) / perDay)];
  const rest = modulo(expr, perDay);
  // The first instant of the day may be below the range; it is a multiple of many twos, and so exact all the same.
  const start: Expr = { op: 'subtract', left: expr, right: rest, type: expr.type };
  const type = { kind: 'date', min: first, max: last, nullable: expr.type.nullable } as const;
  return { ...of, unit: null, expr: { op: 'divide', left: start, right: whole(perDay), type } };
}

/** 1 is Monday: the first of January 1970 was a Thursday. */
export function dayOfWeek(of: ExpressionDraft): ExpressionDraft {
  const day = daysOf(of).expr;
  const { min, max } = rangeOfTime(day.type);
  const moved: Expr = {
    op: 'add',
    left: day,
    right: whole(3),
    type: numberOf({ min, max: max + 3n }, day.type.nullable),
  };
  const build = (type: ExprType): Expr => ({ op: 'add', left: modulo(moved, 7), right: whole(1), type });
  return bounded(build, wholeNumbers, { min: 1n, max: 7n }, day.type.nullable, { unit: null, faults: of.faults });
}

/** How many whole parts of so many seconds have gone by of `count` such parts. */
export function clockPart(of: ExpressionDraft, seconds: number, count: number): ExpressionDraft {
  const { expr } = of;
  const rest = modulo(expr, unitsOf(expr.type, seconds * count));
  const build = (type: ExprType): Expr => ({
    op: 'divide',
    left: rest,
    right: whole(unitsOf(expr.type, seconds)),
    type,
  });
  const range = { min: 0n, max: BigInt(count - 1) };
  return bounded(build, wholeNumbers, range, expr.type.nullable, { unit: null, faults: of.faults });
}

export type CalendarPart = 'year' | 'month' | 'dayOfMonth' | 'isoWeek';

const ranges: Readonly<Record<CalendarPart, Range>> = {
  year: { min: 1n, max: 9999n },
  month: { min: 1n, max: 12n },
  dayOfMonth: { min: 1n, max: 31n },
  isoWeek: { min: 1n, max: 53n },
};

export function calendarPart(op: CalendarPart, of: ExpressionDraft): ExpressionDraft {
  const days = daysOf(of);
  const { min, max } = rangeOfTime(days.expr.type);
  const build = (type: ExprType): Expr => ({ op, of: days.expr, type });
  const draft = bounded(build, wholeNumbers, ranges[op], of.expr.type.nullable, { unit: null, faults: of.faults });
  if (min >= BigInt(dateRange.min) && max <= BigInt(dateRange.max)) return draft;
  const message = `'${expressionText(of.expr)}' can leave the years 1 to 9999, in which a calendar is known.`;
  return withFault(draft, 'RANGE_TOO_WIDE', message);
}

function daysOf(of: ExpressionDraft): ExpressionDraft {
  return of.expr.type.kind === 'instant' ? dayOf(of) : of;
}

function unitsOf(type: ExprType, seconds: number): number {
  return seconds * (type.kind === 'instant' ? unitsPerSecond[type.unit] : 1);
}

function modulo(left: Expr, by: number): Expr {
  const type = numberOf({ min: 0n, max: BigInt(by - 1) }, left.type.nullable);
  return { op: 'modulo', left, right: whole(by), type };
}

function whole(value: number): Expr {
  return constant(value, numberOf({ min: BigInt(value), max: BigInt(value) }, false)).expr;
}

function numberOf({ min, max }: Range, nullable: boolean): ExprType {
  return { kind: 'number', ...wholeNumbers, min: Number(min), max: Number(max), nullable };
}

/** Callers without types may bring something that is no time; it then counts as 0, beside the fault it makes. */
function rangeOfTime(type: ExprType): Range {
  return 'min' in type ? { min: BigInt(type.min), max: BigInt(type.max) } : { min: 0n, max: 0n };
}
