import type { ExprType } from './expression.ts';

/** A finished value that is one: see the table at `presentWindows`. */
export type PlainValue = number | bigint | string | boolean | null;

/** A finished `countBy`: the values with the most events first, then by code point of their column units. */
export interface CountedValues<V = PlainValue> {
  /** Events that have a value. */
  readonly total: number;
  /** Null: there were more different values than are kept. */
  readonly values: readonly { readonly value: V; readonly count: number }[] | null;
}

/** A finished value; a histogram is the numbers of its bins. */
export type AnswerValue = PlainValue | readonly number[] | CountedValues;

/** An integer of a type's units in the form that people know. */
export function present(type: ExprType, units: number): PlainValue {
  switch (type.kind) {
    case 'number':
      if (type.quantum !== null) return units * type.quantum;
      return type.scale > 0 ? decimalText(units.toString(), type.scale) : units;
    case 'instant':
      return instantText(units, type.unit);
    case 'date':
      return new Date(units * 86_400_000).toISOString().slice(0, 10);
    case 'boolean':
      return units === 1;
    case 'text':
      return null;
  }
}

/** The same for a sum, which may be of any size. */
export function presentSum(type: ExprType, units: bigint): PlainValue {
  if (type.kind === 'number' && type.quantum !== null) return Number(units) * type.quantum;
  if (type.kind === 'number' && type.scale > 0) return decimalText(units.toString(), type.scale);
  return units;
}

/** A double of units in the type's own measure; exact but for one rounding when the type is a decimal. */
export function measureFactor(type: ExprType): { readonly scale: number; readonly quantum: number } {
  if (type.kind !== 'number') return { scale: 0, quantum: 1 };
  return { scale: type.scale, quantum: type.quantum ?? 1 };
}

/** `12340` of scale 3 is `12.340`: every digit of the scale is written. */
function decimalText(units: string, scale: number): string {
  const negative = units.startsWith('-');
  const digits = (negative ? units.slice(1) : units).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** RFC 3339 in UTC, with all digits of the unit. */
function instantText(units: number, unit: 's' | 'ms' | 'us'): string {
  if (unit === 's') return new Date(units * 1_000).toISOString().replace('.000Z', 'Z');
  if (unit === 'ms') return new Date(units).toISOString();
  const ms = Math.floor(units / 1_000);
  const rest = String(units - ms * 1_000).padStart(3, '0');
  return new Date(ms).toISOString().replace('Z', `${rest}Z`);
}
