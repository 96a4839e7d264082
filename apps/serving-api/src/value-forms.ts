import { parseDate, parseInstant } from '@twofold/schemas';
import type { ExprType, KeyValue } from '@twofold/views';
import { GraphQLBoolean, GraphQLFloat, GraphQLString, type GraphQLScalarType } from 'graphql';
import { bigIntScalar, dateScalar, dateTimeScalar, decimalScalar } from './scalars.ts';

/** The GraphQL type of a value: integers are BigInt, decimals Decimal, floats Float. */
export function scalarOf(type: ExprType): GraphQLScalarType {
  switch (type.kind) {
    case 'number':
      return type.quantum !== null ? GraphQLFloat : type.scale > 0 ? decimalScalar : bigIntScalar;
    case 'instant':
      return dateTimeScalar;
    case 'date':
      return dateScalar;
    case 'boolean':
      return GraphQLBoolean;
    case 'text':
      return GraphQLString;
  }
}

/** A key's value, in column units, in the form that people know; `keyValueOf` is its inverse. */
export function keyText(type: ExprType, value: KeyValue): string | number | boolean | null {
  if (value === null || typeof value !== 'number') return value;
  switch (type.kind) {
    case 'number':
      if (type.quantum !== null) return value * type.quantum;
      return type.scale > 0 ? decimalText(value, type.scale) : value;
    case 'instant':
      return instantText(value, type.unit);
    case 'date':
      return new Date(value * 86_400_000).toISOString().slice(0, 10);
    case 'boolean':
      return value === 1;
    case 'text':
      return null;
  }
}

/** A value that a client gave, in column units; undefined: no value of the type equals it. */
export function keyValueOf(type: ExprType, given: string | number | boolean): KeyValue | undefined {
  switch (type.kind) {
    case 'number':
      return whole(type.quantum !== null ? Number(given) / type.quantum : decimalUnits(String(given), type.scale));
    case 'instant':
      return whole(parseInstant(String(given), type.unit) ?? NaN);
    case 'date':
      return whole(parseDate(String(given)));
    case 'boolean':
      return typeof given === 'boolean' ? given : undefined;
    case 'text':
      return typeof given === 'string' && given.isWellFormed() ? given : undefined;
  }
}

function whole(units: number): number | undefined {
  return Number.isSafeInteger(units) ? units + 0 : undefined;
}

/** `'12.34'` of scale 3 is 12340. NaN when it has digits beyond the scale. */
function decimalUnits(text: string, scale: number): number {
  const [, sign = '', digits = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+?)0*)?$/.exec(text) ?? [];
  const kept = fraction === '0' ? '' : fraction;
  if (digits === '' || kept.length > scale) return NaN;
  return Number(`${sign}${digits}${kept.padEnd(scale, '0')}`);
}

function decimalText(units: number, scale: number): string {
  const digits = String(Math.abs(units)).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${units < 0 ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function instantText(units: number, unit: 's' | 'ms' | 'us'): string {
  if (unit === 's') return new Date(units * 1_000).toISOString().replace('.000Z', 'Z');
  if (unit === 'ms') return new Date(units).toISOString();
  const ms = Math.floor(units / 1_000);
  return new Date(ms).toISOString().replace('Z', `${String(units - ms * 1_000).padStart(3, '0')}Z`);
}
