import type { Expr } from '@twofold/views';
import type { Value } from './read-event.ts';

/** Operators of one operand that is null where it is: functions of texts, of numbers and of days. */
export type FunctionExpr = Extract<
  Expr,
  {
    readonly op:
      | 'length'
      | 'byteLength'
      | 'lowerAscii'
      | 'upperAscii'
      | 'trim'
      | 'toText'
      | 'substring'
      | 'last'
      | 'indexOf'
      | 'replace'
      | 'year'
      | 'month'
      | 'dayOfMonth'
      | 'isoWeek';
  }
>;

export function functionOf(expr: FunctionExpr, value: Value): Value {
  if (value === null) return null;
  return typeof value === 'string' ? ofText(expr, value) : ofNumber(expr, value);
}

function ofText(expr: FunctionExpr, text: string): Value {
  const points = [...text];
  switch (expr.op) {
    case 'length':
      return BigInt(points.length);
    case 'byteLength':
      return BigInt(Buffer.byteLength(text, 'utf8'));
    case 'lowerAscii':
      return points.map((point) => (point >= 'A' && point <= 'Z' ? point.toLowerCase() : point)).join('');
    case 'upperAscii':
      return points.map((point) => (point >= 'a' && point <= 'z' ? point.toUpperCase() : point)).join('');
    case 'trim':
      return /^ *(.*?) *$/su.exec(text)?.[1] ?? '';
    case 'substring':
      return points
        .filter((_, i) => i >= expr.start && (expr.length === null || i < expr.start + expr.length))
        .join('');
    case 'last':
      return points.filter((_, i) => i >= points.length - expr.length).join('');
    case 'indexOf': {
      const needle = [...expr.text];
      return BigInt(points.findIndex((_, i) => needle.every((point, k) => points[i + k] === point)));
    }
    case 'replace':
      return text.replaceAll(expr.text, () => expr.by);
    default:
      throw new TypeError(`'${expr.op}' of a text`);
  }
}

function ofNumber(expr: FunctionExpr, value: bigint): Value {
  switch (expr.op) {
    case 'toText':
      return value.toString();
    case 'year':
      return BigInt(dayOf(value).getUTCFullYear());
    case 'month':
      return BigInt(dayOf(value).getUTCMonth() + 1);
    case 'dayOfMonth':
      return BigInt(dayOf(value).getUTCDate());
    case 'isoWeek': {
      // The week in which the year's first Thursday lies is its first.
      const thursday = [0, 1, 2, 3, -3, -2, -1]
        .map((by) => dayOf(value + BigInt(by)))
        .find((day) => day.getUTCDay() === 4 && mondayOf(day) === mondayOf(dayOf(value)));
      const year = thursday?.getUTCFullYear() ?? 0;
      const first = new Date(0);
      first.setUTCFullYear(year, 0, 1);
      return BigInt(Math.floor(((thursday?.getTime() ?? 0) - first.getTime()) / (7 * dayMs)) + 1);
    }
    default:
      throw new TypeError(`'${expr.op}' of a number`);
  }
}

const dayMs = 86_400_000;

function dayOf(days: bigint): Date {
  return new Date(Number(days) * dayMs);
}

function mondayOf(day: Date): number {
  return day.getTime() - ((day.getUTCDay() + 6) % 7) * dayMs;
}
