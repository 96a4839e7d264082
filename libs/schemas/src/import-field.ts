import { instantRange } from './civil-time.ts';
import { importList } from './import-list.ts';
import { importNumber } from './import-number.ts';
import { importText } from './import-text.ts';
import {
  isSchema,
  resolved,
  schemaAt,
  stringsOf,
  type ImportNote,
  type ImportProblem,
  type SchemaObject,
} from './json-schema-nodes.ts';
import { literal } from './stream-source.ts';
import { ownKeyword } from './to-json-schema.ts';

/** What a number without a `multipleOf` becomes: digits after the point, or the exponent of the quantum. */
export type NumberChoice =
  { readonly kind: 'decimal'; readonly scale: number } | { readonly kind: 'float'; readonly exponent: number };

export interface FieldImport {
  readonly name: string;
  readonly optional: boolean;
  readonly isTime: boolean;
  /** The builder that the code begins with: what the module has to import. */
  readonly builder: string;
  readonly more: readonly string[];
  /** `text().from('sensor_id').maxLength(64)`. */
  readonly code: string;
}

export interface ImportContext {
  readonly root: SchemaObject;
  readonly numbers: NumberChoice | null;
  readonly problems: ImportProblem[];
  readonly notes: ImportNote[];
}

/** One property's schema, read. `used` are the keywords that were understood; the rest is refused. */
export interface Reading {
  readonly builder: string;
  /** Other builders that the code needs. */
  readonly more?: readonly string[];
  readonly code: string;
  readonly used: readonly string[];
}

/** What a reader of one kind gets: the schema without null and references, and where to say what is wrong. */
export interface FieldSchema {
  readonly schema: SchemaObject;
  readonly own: SchemaObject;
  readonly numbers: NumberChoice | null;
  readonly refuse: (keyword: string, message: string) => null;
  readonly note: (keyword: string, takes: ImportNote['takes'], message: string) => void;
}

const hasUnit = new Set(['int', 'decimal', 'float']);
const annotations = ['title', 'description', '$comment', 'examples', 'deprecated', 'readOnly', 'writeOnly', ownKeyword];

/** Null when it is refused: the context then has a problem more. */
export function importField(
  source: string,
  property: SchemaObject | boolean | null,
  path: string,
  required: boolean,
  context: ImportContext,
): FieldImport | null {
  const refuse = (keyword: string, message: string): null => {
    context.problems.push({ path: keyword === '' ? path : `${path}/${keyword}`, message });
    return null;
  };
  const note: FieldSchema['note'] = (keyword, takes, message) =>
    void context.notes.push({ path: keyword === '' ? path : `${path}/${keyword}`, message, takes });
  if (typeof property === 'boolean' || property === null)
    return refuse('', 'does not say what the property is. A field has one type.');
  const whole = resolved(context.root, property);
  if (whole === null)
    return refuse('$ref', 'is no reference into this document, goes round in circles, or has keywords beside it.');
  const { schema, nullable } = withoutNull(whole, context.root);
  const own = isSchema(schema[ownKeyword]) ? schema[ownKeyword] : {};
  const read = readKind({ schema, own, numbers: context.numbers, refuse, note });
  if (read === null) return null;
  for (const keyword of Object.keys(schema)) {
    if (keyword === 'default') note(keyword, 'same', 'is not filled in: a field that is not there is null.');
    else if (!annotations.includes(keyword) && !read.used.includes(keyword))
      return refuse(keyword, `can not be held by a field of kind ${read.builder}.`);
  }
  const name = typeof own['field'] === 'string' ? own['field'] : fieldName(source);
  if (name === null) return refuse('', `'${source}' gives no name for a field. Rename the property, or its copy.`);
  if (nullable && required) note('', 'more', 'may be null; its field is optional, so it may be left out as well.');
  if (!nullable && !required) note('', 'more', 'may be left out; its field is optional, so it may be null as well.');
  const optional = nullable || !required;
  const calls = [
    ...(source === name ? [] : [`.from(${literal(source)})`]),
    ...(optional ? ['.optional()'] : []),
    ...(typeof own['unit'] === 'string' && hasUnit.has(read.builder) ? [`.unit(${literal(own['unit'])})`] : []),
    ...(typeof schema['description'] === 'string' ? [`.description(${literal(schema['description'])})`] : []),
  ];
  const isTime = read.builder === 'instant' || read.builder === 'date';
  return { name, optional, isTime, builder: read.builder, more: read.more ?? [], code: read.code + calls.join('') };
}

function readKind(field: FieldSchema): Reading | null {
  const { schema, own, refuse } = field;
  const { type, enum: values } = schema;
  const ofStrings = Array.isArray(values) && values.length > 0 && values.every((one) => typeof one === 'string');
  if (own['kind'] === 'instant' && Array.isArray(schema['anyOf'])) return ownInstant(field, schema['anyOf']);
  if (type === 'string' || (type === undefined && (ofStrings || typeof schema['const'] === 'string')))
    return importText(field);
  if (type === 'integer' || type === 'number') return importNumber(field);
  if (type === 'array') return importList(field, readKind);
  if (type === 'boolean') return { builder: 'boolean', code: 'boolean()', used: ['type'] };
  if (type === undefined)
    return refuse('', 'names no type. A field has one: string, integer, number, boolean or array.');
  return refuse(
    'type',
    `is ${JSON.stringify(type)}; a field is a string, an integer, a number, a boolean or an array, or that and null.`,
  );
}

/** The form that `toJsonSchema` gives an instant. */
function ownInstant({ own, refuse }: FieldSchema, branches: readonly unknown[]): Reading | null {
  const unit = own['of'];
  const numbers = schemaAt(branches[0]);
  if ((unit !== 's' && unit !== 'ms' && unit !== 'us') || !isSchema(numbers))
    return refuse('anyOf', 'is not what a stream of Twofold is exported to.');
  const { minimum, maximum } = numbers;
  const range = instantRange(unit);
  const bounded =
    typeof minimum === 'number' && typeof maximum === 'number' && (minimum !== range.min || maximum !== range.max);
  const bounds = bounded ? `.between(${minimum}, ${maximum})` : '';
  return { builder: 'instant', code: `instant('${unit}')${bounds}`, used: ['anyOf'] };
}

/** A schema that null passes too, as one that it does not: `type: [T, 'null']`, or T or null by anyOf or oneOf. */
function withoutNull(whole: SchemaObject, root: SchemaObject): { schema: SchemaObject; nullable: boolean } {
  const { type } = whole;
  const types = stringsOf(type);
  if (Array.isArray(type) && type.length === types.length && new Set(types).size === types.length) {
    const others = types.filter((one) => one !== 'null');
    if (others.length !== 1) return { schema: whole, nullable: false };
    const values = whole['enum'];
    // Of an enumeration, null passes only where it is listed.
    if (values !== undefined && others.length < types.length) {
      if (!Array.isArray(values)) return { schema: whole, nullable: false };
      const texts: readonly unknown[] = values.filter((one) => one !== null);
      return { schema: { ...whole, type: others[0], enum: texts }, nullable: texts.length < values.length };
    }
    const nullable = others.length < types.length && whole['const'] === undefined;
    return { schema: { ...whole, type: others[0] }, nullable };
  }
  for (const keyword of ['anyOf', 'oneOf']) {
    const { [keyword]: branches, ...rest } = whole;
    if (!Array.isArray(branches) || branches.length !== 2) continue;
    const plain = branches.map((one: unknown) => (isSchema(one) ? resolved(root, one) : null));
    const other = plain.find((one) => one !== null && one['type'] !== 'null');
    const isNull = plain.some((one) => one !== null && one['type'] === 'null' && Object.keys(one).length === 1);
    const clash = other === undefined || other === null || Object.keys(rest).some((key) => Object.hasOwn(other, key));
    if (isNull && !clash && !passesNull(other)) return { schema: { ...rest, ...other }, nullable: true };
  }
  return { schema: whole, nullable: false };
}

/** Null may not pass both branches of a oneOf; one that names a single other type, or own branches, it does not pass. */
function passesNull(schema: SchemaObject): boolean {
  return typeof schema['type'] !== 'string' && !Array.isArray(schema['anyOf']);
}

const reserved = new Set(Object.getOwnPropertyNames(Object.prototype));

/** A key as camelCase; null when it has no letter to begin with. */
function fieldName(source: string): string | null {
  const [first = '', ...rest] = source.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const lower = /^[A-Z]+$/.test(first) ? first.toLowerCase() : first.charAt(0).toLowerCase() + first.slice(1);
  const name = lower + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  if (!/^[a-z][a-zA-Z0-9]{0,63}$/.test(name)) return null;
  return reserved.has(name) ? `${name}Value` : name;
}
