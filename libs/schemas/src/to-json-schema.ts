import type { CanonicalValue } from './fingerprint-of.ts';
import { mayBeMissing, messageTree, type MessageNode } from './message-tree.ts';
import type { Field, FieldType, Stream } from './stream.ts';

export type JsonSchema = Readonly<Record<string, CanonicalValue>>;

/** What JSON Schema has no keyword for stands under this one, which validators pass over. */
export const ownKeyword = 'x-twofold';

/**
 * A stream's messages as JSON Schema, draft 2020-12. A message that it refuses is rejected; what it can not say, and
 * rejects too, are calendar days that do not exist, event times far in the future, repeated keys and texts that are no
 * UTF-8. `x-twofold` holds the rest of the declaration, so that `importJsonSchema` gives back the same stream.
 */
export function toJsonSchema(stream: Stream): JsonSchema {
  const { name, version, description, id, eventTime, partitionKey, latenessMs, skewMs } = stream;
  const { dedupeHorizon, sliceSize, maxRecordBytes, compatibility } = stream;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:twofold:stream:${name}:${version}`,
    title: name,
    ...(description === null ? {} : { description }),
    ...objectSchema(messageTree(stream.fields), stream.fields),
    [ownKeyword]: {
      ...{ stream: name, version, id, eventTime, partitionKey, latenessMs, skewMs },
      ...{ dedupeHorizon, sliceSize, maxRecordBytes, compatibility },
    },
  };
}

/** The message, or a record in it. */
function objectSchema(nodes: readonly MessageNode[], fields: readonly Field[]): JsonSchema {
  const isRequired = (node: MessageNode): boolean => {
    const field = 'field' in node ? fields[node.field] : undefined;
    return 'record' in node ? !node.record.optional : field !== undefined && !mayBeMissing(field);
  };
  return {
    type: 'object',
    properties: Object.fromEntries(nodes.map((node) => [node.source, nodeSchema(node, fields)])),
    required: nodes.filter(isRequired).map(({ source }) => source),
  };
}

function nodeSchema(node: MessageNode, fields: readonly Field[]): JsonSchema {
  if ('field' in node) {
    const field = fields[node.field];
    return field === undefined ? {} : fieldSchema(field);
  }
  const { name, optional, members } = node.record;
  const said = { [ownKeyword]: { field: name, kind: 'record' } };
  const schema = objectSchema(members, fields);
  return optional ? { ...said, anyOf: [schema, { type: 'null' }] } : { ...said, ...schema };
}

/** A null is no different from a field that is not there. */
function fieldSchema(field: Field): JsonSchema {
  const { type, unit, description, record } = field;
  const optional = mayBeMissing(field);
  const own = { field: record?.member ?? field.name, ...detailsOf(type), ...(unit === null ? {} : { unit }) };
  const said = { ...(description === null ? {} : { description }), [ownKeyword]: own };
  const schema = typeSchema(field);
  return optional ? { ...said, anyOf: [schema, { type: 'null' }] } : { ...said, ...schema };
}

function detailsOf(type: FieldType): Readonly<Record<string, CanonicalValue>> {
  switch (type.kind) {
    case 'decimal':
      return { kind: type.kind, scale: type.scale, round: type.round };
    case 'float':
      return { kind: type.kind, quantum: type.quantum };
    case 'instant':
      return { kind: type.kind, of: type.unit };
    case 'text':
      // What is checked is what is made of the text: the schema of messages can not say it.
      if (type.normal !== undefined) return { ...type, normal: { ...type.normal } };
      return { kind: type.kind, matches: type.matches };
    case 'bytes':
      return { kind: type.kind, maxLength: type.maxLength };
    case 'list':
      return { kind: type.kind, of: detailsOf(type.of.type) };
    default:
      return { kind: type.kind };
  }
}

function typeSchema(field: Pick<Field, 'type' | 'min' | 'max'>): JsonSchema {
  const { type } = field;
  const min = field.min ?? 0;
  const max = field.max ?? 0;
  switch (type.kind) {
    case 'text': {
      if (type.normal !== undefined) return { type: 'string' };
      const pattern = type.matches === null ? {} : { pattern: `^(?:${type.matches})$` };
      return { type: 'string', maxLength: type.maxLength, ...pattern };
    }
    case 'enumeration':
      return { type: 'string', enum: type.values };
    case 'uuid':
      return { type: 'string', format: 'uuid', pattern: '^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' };
    case 'bytes': {
      const most = Math.ceil(type.maxLength / 3) * 4;
      return { type: 'string', contentEncoding: 'base64', maxLength: most, pattern: base64Pattern(type.maxLength) };
    }
    case 'list': {
      const unique = type.unique ? { uniqueItems: true } : {};
      return { type: 'array', items: typeSchema(type.of), maxItems: type.maxItems, ...unique };
    }
    case 'boolean':
      return { type: 'boolean' };
    case 'int':
      return { type: 'integer', minimum: min, maximum: max };
    case 'decimal': {
      if (type.round) return { type: 'number', ...boundsOfRounded(min, max, type.scale) };
      const bounds = { minimum: natural(min, type.scale), maximum: natural(max, type.scale) };
      return { type: 'number', ...bounds, multipleOf: natural(1, type.scale) };
    }
    case 'float':
      // Values go down to the quantum: all below the next one above the bound are taken.
      return { type: 'number', minimum: min * type.quantum, exclusiveMaximum: (max + 1) * type.quantum };
    case 'instant':
      return {
        anyOf: [
          { type: 'integer', minimum: min, maximum: max },
          { type: 'string', format: 'date-time', pattern: instantPattern(type.unit) },
        ],
      };
    case 'date':
      return { type: 'string', format: 'date', pattern: `^${dayPattern}$` };
    default:
      return {};
  }
}

/**
 * What is rounded to a bound is taken as well: up to half a step beyond it, and half a step itself where that is rounded
 * back to it, away from zero. Of bounds whose half steps a double can not tell, the bounds themselves.
 */
function boundsOfRounded(min: number, max: number, scale: number): JsonSchema {
  const hasHalf = (units: number): boolean => 10 * Math.abs(units) + 5 <= 2 ** 53;
  const [below, above] = [natural(10 * min - 5, scale + 1), natural(10 * max + 5, scale + 1)];
  return {
    ...(!hasHalf(min) ? { minimum: natural(min, scale) } : min > 0 ? { minimum: below } : { exclusiveMinimum: below }),
    ...(!hasHalf(max) ? { maximum: natural(max, scale) } : max < 0 ? { maximum: above } : { exclusiveMaximum: above }),
  };
}

const dayPattern = '[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])';

/** `YYYY-MM-DDTHH:MM:SS[.fraction]Z`; digits beyond the unit are zeros. */
function instantPattern(unit: 's' | 'ms' | 'us'): string {
  const fraction = { s: '0{1,30}', ms: '[0-9]{1,3}0{0,27}', us: '[0-9]{1,6}0{0,24}' }[unit];
  return `^${dayPattern}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.${fraction})?Z$`;
}

/** Units of 10^-scale as a number of JSON, by its digits. */
function natural(units: number, scale: number): number {
  return Number(`${units}e-${scale}`);
}

/** Canonical base64 of at most so many bytes. */
function base64Pattern(bytes: number): string {
  const digit = '[A-Za-z0-9+/]';
  const two = `${digit}[AQgw]==`;
  const three = `${digit}{2}[AEIMQUYcgkosw048]=`;
  const rest = bytes % 3;
  const triples = (count: number): string => `(?:${digit}{4}){0,${count}}`;
  const whole = Math.floor(bytes / 3);
  // The longest has as many triples as there are, and behind them no more than what is left.
  const last = rest === 0 ? '' : rest === 1 ? `(?:${two})?` : `(?:${two}|${three})?`;
  const full = `(?:${digit}{4}){${whole}}${last}`;
  return whole === 0 ? `^${last}$` : `^(?:${triples(whole - 1)}(?:${two}|${three})?|${full})$`;
}
