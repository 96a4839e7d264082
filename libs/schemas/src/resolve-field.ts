import { dateRange, instantRange, parseDate, parseInstant } from './civil-time.ts';
import { compilePattern } from './compile-pattern.ts';
import type { SchemaProblemCode } from './errors.ts';
import { exactUnits } from './exact-units.ts';
import type { FieldBuilders, FieldDraft } from './field-builders.ts';
import type { Field, FieldType, RecordStep } from './stream.ts';

type Report = (code: SchemaProblemCode, path: string, message: string) => void;

const limit = 2 ** 53;
/** Members that every object has: a field of that name would be read where there is none. */
const reserved = new Set(Object.getOwnPropertyNames(Object.prototype));

const deepestRecord = 8;

/** The fields of a declaration, in its order; the members of a record are fields of their own. Reports all that is wrong. */
export function resolveFields(builders: FieldBuilders, report: Report, around: readonly RecordStep[] = []): Field[] {
  return Object.entries(builders).flatMap(([name, builder]) => {
    if ('draft' in builder) return [resolveField(name, builder.draft, around, report)];
    const { members, source, optional } = builder.record;
    const path = `fields.${[...around.map((step) => step.name), name].join('.')}`;
    checkName(path, name, report);
    const step = { name, source: checkedSource(path, source ?? name, report), optional };
    if (around.length === deepestRecord)
      report('RECORD_INVALID', path, `stands in ${deepestRecord} records already, and no more can.`);
    else if (Object.keys(members).length === 0)
      report('RECORD_INVALID', path, 'has no members. Name what is read of it.');
    else return resolveFields(members, report, [...around, step]);
    return [];
  });
}

function checkName(path: string, name: string, report: Report): void {
  if (!/^[a-z][a-zA-Z0-9]*$/.test(name) || name.length > 64) {
    report(
      'NAME_INVALID',
      path,
      'is no name for a field. Use camelCase: at most 64 letters and digits, a small letter first.',
    );
  }
  if (reserved.has(name))
    report('NAME_RESERVED', path, 'is a name that every object has. Choose another one and use .from() for the key.');
}

function checkedSource(path: string, source: string, report: Report): string {
  if (source === '' || !source.isWellFormed())
    report('SOURCE_INVALID', `${path}.from`, 'is empty or holds half a character.');
  return source;
}

/** `positionLat` of the member `lat` of `position`. */
function joinedName(names: readonly string[]): string {
  return names.map((name, i) => (i === 0 ? name : name.charAt(0).toUpperCase() + name.slice(1))).join('');
}

/** Makes a field of its draft and reports what is wrong with it, all of it. */
function resolveField(member: string, draft: FieldDraft, around: readonly RecordStep[], report: Report): Field {
  const names = [...around.map((step) => step.name), member];
  const path = `fields.${names.join('.')}`;
  checkName(path, member, report);
  const name = joinedName(names);
  if (around.length > 0 && name.length > 64)
    report('NAME_INVALID', path, `is the field '${name}', and a name has at most 64 letters and digits.`);
  const source = checkedSource(path, draft.source ?? member, report);
  checkType(path, draft.type, report);
  const type = draft.type.kind === 'list' ? resolvedList(path, draft, draft.type, report) : draft.type;
  const range = ownRange(draft.type);
  const bounds = draft.bounds === null ? range : resolveBounds(`${path}.between`, draft, range, report);
  return {
    name,
    source,
    type,
    optional: draft.optional || around.some((step) => step.optional),
    min: bounds?.min ?? null,
    max: bounds?.max ?? null,
    unit: draft.unit,
    description: draft.description,
    ...(around.length === 0 ? {} : { record: { path: around, member, optional: draft.optional } }),
  };
}

/** A list whose element has its bounds in column units. */
function resolvedList(path: string, draft: FieldDraft, type: ListType, report: Report): ListType {
  const { type: of } = type.of;
  const { bounds = null, optional = false, source = null } = draft.element ?? {};
  if (of.kind === 'list' || optional || source !== null)
    report('ELEMENT_INVALID', `${path}.of`, 'is no element of a list: those are no lists, never null and have no key.');
  checkType(`${path}.of`, of, report);
  const range = ownRange(of);
  const element = { ...draft, type: of, bounds };
  const resolved = bounds === null ? range : resolveBounds(`${path}.of.between`, element, range, report);
  return { ...type, of: { type: of, min: resolved?.min ?? null, max: resolved?.max ?? null } };
}

type ListType = FieldType & { readonly kind: 'list' };

function checkType(path: string, type: FieldType, report: Report): void {
  if (type.kind === 'text') {
    if (!(Number.isInteger(type.maxLength) && type.maxLength >= 1 && type.maxLength <= 1_000_000)) {
      report('NUMBER_INVALID', `${path}.maxLength`, `${type.maxLength} is not a whole number from 1 to 1000000.`);
    }
    const pattern = type.matches === null ? null : compilePattern(type.matches);
    if (typeof pattern === 'string') report('PATTERN_INVALID', `${path}.matches`, `the pattern is wrong: ${pattern}.`);
  } else if (type.kind === 'bytes') {
    if (!(Number.isInteger(type.maxLength) && type.maxLength >= 1 && type.maxLength <= 1_000_000))
      report('NUMBER_INVALID', `${path}.maxLength`, `${type.maxLength} is not a whole number from 1 to 1000000.`);
  } else if (type.kind === 'list') {
    if (!(Number.isInteger(type.maxItems) && type.maxItems >= 1 && type.maxItems <= 10_000))
      report('NUMBER_INVALID', `${path}.maxItems`, `${type.maxItems} is not a whole number from 1 to 10000.`);
  } else if (type.kind === 'decimal') {
    if (!(Number.isInteger(type.scale) && type.scale >= 0 && type.scale <= 15)) {
      report('SCALE_INVALID', `${path}.scale`, `${type.scale} is not a whole number from 0 to 15.`);
    }
  } else if (type.kind === 'float') {
    if (!isQuantum(type.quantum)) {
      report(
        'QUANTUM_INVALID',
        `${path}.quantum`,
        `${type.quantum} is not a power of two from 2^-100 to 2^100, such as 2 ** -20.`,
      );
    }
  } else if (type.kind === 'enumeration') {
    const { values } = type;
    if (
      values.length < 1 ||
      values.length > 10_000 ||
      new Set(values).size < values.length ||
      !values.every((value) => value.isWellFormed())
    ) {
      report('VALUES_INVALID', `${path}.values`, 'has to name 1 to 10000 different texts.');
    }
  }
}

function isQuantum(quantum: number): boolean {
  const exponent = Math.log2(quantum);
  return quantum > 0 && Math.abs(exponent) <= 100 && 2 ** Math.round(exponent) === quantum;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** What a column of the type can hold, in its units; null where order means nothing. */
function ownRange(type: FieldType): Range | null {
  switch (type.kind) {
    case 'int':
    case 'decimal':
      return { min: -limit, max: limit };
    case 'float':
      return { min: -limit, max: limit - 1 };
    case 'instant':
      return instantRange(type.unit);
    case 'date':
      return dateRange;
    default:
      return null;
  }
}

function resolveBounds(path: string, draft: FieldDraft, range: Range | null, report: Report): Range | null {
  const { bounds, type } = draft;
  if (bounds === null || range === null) return range;
  const [min, max] = bounds.map((bound) => unitsOf(type, bound)) as [number, number];
  if (Number.isNaN(min) || Number.isNaN(max)) {
    report('BOUNDS_INVALID', path, `${bounds.join(' and ')} can not both be held exactly by a ${type.kind}.`);
  } else if (min > max) {
    report('BOUNDS_INVALID', path, `${bounds[0]} is above ${bounds[1]}. Write the lower bound first.`);
  } else if (min < range.min || max > range.max) {
    report('BOUNDS_INVALID', path, `reaches beyond what a ${type.kind} holds (${range.min} to ${range.max} units).`);
  } else return { min, max };
  return range;
}

/** A declared bound in column units, NaN when it has none. Floats go down to the quantum, as values do. */
function unitsOf(type: FieldType, bound: number | string): number {
  if (type.kind === 'date') return typeof bound === 'string' ? parseDate(bound) : NaN;
  if (type.kind === 'instant' && typeof bound === 'string') return parseInstant(bound, type.unit) ?? NaN;
  if (typeof bound === 'string' || !Number.isFinite(bound)) return NaN;
  if (type.kind === 'float') return Math.floor(bound / type.quantum) + 0;
  const bytes = new TextEncoder().encode(String(bound));
  const units = exactUnits(bytes, 0, bytes.length, type.kind === 'decimal' ? type.scale : 0, false);
  return units.ok ? units.value : NaN;
}
