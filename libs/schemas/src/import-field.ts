import { instantRange } from './civil-time.ts';
import { importList } from './import-list.ts';
import { importNumber } from './import-number.ts';
import { importRecord } from './import-record.ts';
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
  /** Of a record. */
  readonly members?: readonly FieldImport[];
  /** `text().from('sensor_id').maxLength(64)`. */
  readonly code: string;
}

export interface ImportContext {
  readonly root: SchemaObject;
  readonly numbers: NumberChoice | null;
  readonly problems: ImportProblem[];
  readonly notes: ImportNote[];
  /** Objects around it, the message left out. */
  readonly depth: number;
}

/** One property's schema, read. `used` are the keywords that were understood; the rest is refused. */
export interface Reading {
  readonly builder: string;
  /** Other builders that the code needs. */
  readonly more?: readonly string[];
  /** Of a record. */
  readonly members?: readonly FieldImport[];
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
function importField(
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
  const found = { schema, own, numbers: context.numbers, refuse, note };
  const read = schema['type'] === 'object' ? recordOf(found, path, context) : readKind(found);
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
    ...(typeof schema['description'] === 'string' && read.builder !== 'record'
      ? [`.description(${literal(schema['description'])})`]
      : []),
  ];
  const isTime = read.builder === 'instant' || read.builder === 'date';
  const { builder, members, more = [] } = read;
  const code = read.code + calls.join('');
  return { name, optional, isTime, builder, more, code, ...(members === undefined ? {} : { members }) };
}

const deepestRecord = 8;

/** A record; null when it, or a member of it, is refused. */
function recordOf(field: FieldSchema, path: string, context: ImportContext): Reading | null {
  if (context.depth >= deepestRecord)
    return field.refuse('', `stands in ${deepestRecord} objects already, or goes round in circles.`);
  const before = context.problems.length;
  return importRecord(field, () => {
    const members = importProperties(field.schema, path, { ...context, depth: context.depth + 1 });
    return context.problems.length > before ? null : members;
  });
}

/** The properties of an object, as fields; what is refused is among the problems. */
export function importProperties(schema: SchemaObject, path: string, context: ImportContext): readonly FieldImport[] {
  const refuse = (at: string, message: string): void => void context.problems.push({ path: at, message });
  const required = new Set(stringsOf(schema['required']));
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const fields = Object.entries(properties).flatMap(([source, property]): readonly FieldImport[] => {
    const at = `${path}/properties/${source.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const field = importField(source, schemaAt(property), at, required.has(source), context);
    return field === null ? [] : [field];
  });
  for (const name of required)
    if (!Object.hasOwn(properties, name))
      refuse(`${path}/required`, `requires '${name}', of which no property says what it is. Add it to properties.`);
  const names = fields.map((field) => field.name.toLowerCase());
  const twice = fields.find((field, i) => names.indexOf(field.name.toLowerCase()) < i);
  if (twice !== undefined)
    refuse(`${path}/properties`, `gives two fields the name '${twice.name}'. Rename a property.`);
  return fields;
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
    return refuse('', 'names no type. A field has one: string, integer, number, boolean, array or object.');
  return refuse(
    'type',
    `is ${JSON.stringify(type)}; a field is a string, an integer, a number, a boolean, an array or an object, or that and null.`,
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
