import { exactUnits, type ExactUnits } from './exact-units.ts';
import type { FieldSchema, Reading } from './import-field.ts';

const limit = 2 ** 53;
const boundKeywords = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const;
const used = ['type', 'multipleOf', ...boundKeywords];

/** `"type": "integer"` or `"number"`. Null when it is refused. */
export function importNumber(field: FieldSchema): Reading | null {
  const { schema, own, numbers, refuse } = field;
  for (const keyword of [...boundKeywords, 'multipleOf'] as const)
    if (schema[keyword] !== undefined && !(typeof schema[keyword] === 'number' && Number.isFinite(schema[keyword])))
      return refuse(keyword, 'is no number.');
  const { multipleOf, type } = schema;
  if (own['kind'] === 'float' && typeof own['quantum'] === 'number') return float(field, Math.log2(own['quantum']));
  if (own['kind'] === 'decimal' && own['round'] === true && typeof own['scale'] === 'number')
    return exact(field, 'decimal', own['scale'], '.round()');
  if (multipleOf !== undefined) {
    const scale = Array.from({ length: 16 }, (_, digits) => digits).find(
      (digits) => Number(`1e-${digits}`) === multipleOf,
    );
    if (scale === undefined)
      return refuse('multipleOf', 'is no power of ten from 1 down to 1e-15, so no field keeps its multiples exactly.');
    const isDecimal = type === 'number' && (scale > 0 || own['kind'] === 'decimal');
    return isDecimal ? exact(field, 'decimal', scale) : exact(field, 'int', 0);
  }
  if (type === 'integer') return exact(field, 'int', 0);
  if (numbers === null)
    return refuse(
      'type',
      'is a number of any digits. Say how exact it is kept: a multipleOf of 0.001, or a choice for all: decimal:3 or float:-20.',
    );
  return numbers.kind === 'decimal' ? exact(field, 'decimal', numbers.scale) : float(field, numbers.exponent);
}

function exact(field: FieldSchema, builder: 'int' | 'decimal', scale: number, more = ''): Reading | null {
  const { schema, note } = field;
  if (builder === 'decimal' && schema['multipleOf'] === undefined && more === '')
    note('type', 'less', `is a number of any digits; more than ${scale} after the point are rejected.`);
  const natural = (units: number): number => Number(`${units}e-${scale}`);
  let [min, max] = [-limit, limit];
  for (const keyword of boundKeywords) {
    const units = boundOf(field, keyword, scale, more === '.round()');
    if (units === null) return null;
    if (units === undefined) continue;
    if (isLower(keyword)) min = Math.max(min, units);
    else max = Math.min(max, units);
  }
  if ((min === -limit || max === limit) && Object.keys(field.own).length === 0)
    note('type', 'less', `has no bounds on both sides: numbers beyond ${natural(limit)} are rejected.`);
  if (min > max) return field.refuse('minimum', 'leaves no number, with the other bounds.');
  const bounds = min === -limit && max === limit ? '' : `.between(${natural(min)}, ${natural(max)})`;
  return { builder, code: `${builder}(${builder === 'int' ? '' : scale})${more}${bounds}`, used };
}

const isLower = (keyword: string): boolean => keyword === 'minimum' || keyword === 'exclusiveMinimum';

/** The outermost units of 10^-scale that a bound leaves; undefined when there is none, null when it is refused. */
function boundOf(field: FieldSchema, keyword: string, scale: number, isRounded: boolean): number | null | undefined {
  const inward = isLower(keyword) ? 1 : -1;
  const bound = field.schema[keyword];
  // Half a step beyond what is rounded to it, as `toJsonSchema` says it.
  const tenths = isRounded && typeof bound === 'number' ? readUnits(bound, scale + 1) : null;
  if (tenths?.ok === true && Math.abs(tenths.value % 10) === 5) return (tenths.value + 5 * inward) / 10;
  const units = unitsOf(field, keyword, scale);
  return typeof units === 'number' && keyword.startsWith('exclusive') ? units + inward : units;
}

function readUnits(bound: number, scale: number): ExactUnits {
  const bytes = new TextEncoder().encode(String(bound));
  return exactUnits(bytes, 0, bytes.length, scale, false);
}

/** A bound in units of 10^-scale; undefined when there is none, null when it is refused. */
function unitsOf({ schema, refuse }: FieldSchema, keyword: string, scale: number): number | null | undefined {
  const bound = schema[keyword];
  if (typeof bound !== 'number') return undefined;
  const units = readUnits(bound, scale);
  if (units.ok) return units.value;
  return refuse(
    keyword,
    units.code === 'INEXACT_NUMBER'
      ? 'is beyond 2^53 units, more than a field holds.'
      : `has more digits than the field, which keeps ${scale} after the point.`,
  );
}

function float(field: FieldSchema, exponent: number): Reading | null {
  const { schema, own, refuse, note } = field;
  const quantum = 2 ** exponent;
  if (!Number.isInteger(exponent) || Math.abs(exponent) > 100)
    return refuse('type', 'has no quantum from 2^-100 to 2^100.');
  if (schema['multipleOf'] !== undefined) return refuse('multipleOf', 'is nothing that a binary number keeps.');
  if (schema['exclusiveMinimum'] !== undefined)
    return refuse('exclusiveMinimum', 'can not be held by a binary number, which goes down to its quantum.');
  const { minimum = -limit * quantum, maximum, exclusiveMaximum } = schema;
  if (own['kind'] !== 'float')
    note('type', 'less', `is kept in steps of 2^${exponent}, each value less than one step too low.`);
  if (maximum !== undefined)
    note('maximum', 'more', 'is taken down to a step: values less than one step above it pass.');
  const below = typeof exclusiveMaximum === 'number' ? exclusiveMaximum : limit * quantum;
  if (!Number.isInteger(below / quantum)) return refuse('exclusiveMaximum', `is no multiple of 2^${exponent}.`);
  const most = Math.min(typeof maximum === 'number' ? maximum : Infinity, (below / quantum - 1) * quantum);
  const bounded = minimum !== -limit * quantum || most !== (limit - 1) * quantum;
  const bounds = bounded ? `.between(${Number(minimum)}, ${most})` : '';
  return { builder: 'float', code: `float({ quantum: 2 ** ${exponent} })${bounds}`, used };
}
