import { importProperties, type NumberChoice } from './import-field.ts';
import { leavesOf } from './import-record.ts';
import { stringsOf, isSchema, type ImportNote, type ImportProblem, type SchemaObject } from './json-schema-nodes.ts';
import { streamSource } from './stream-source.ts';
import { ownKeyword } from './to-json-schema.ts';

export interface ImportOptions {
  /** Name of the stream; else that of `x-twofold`, or the title where it is a name. */
  readonly name?: string;
  /** Names of fields that identify an event together; else those of `x-twofold`. */
  readonly id?: readonly string[];
  /** Else that of `x-twofold`, or the only required instant or date. */
  readonly eventTime?: string;
  /** What a number without a `multipleOf` becomes; null: it is refused. */
  readonly numbers?: NumberChoice | null;
}

export interface JsonSchemaImport {
  /** A TypeScript module that declares the stream; null while there is a problem. */
  readonly source: string | null;
  /** What a stream can not hold, each with its place in the schema. */
  readonly problems: readonly ImportProblem[];
  /** What is taken, and not just as JSON Schema says. */
  readonly notes: readonly ImportNote[];
}

const annotations = new Set(['$schema', '$id', '$comment', '$defs', 'definitions', 'title', 'description', 'examples']);
const rootKeywords = new Set([...annotations, 'type', 'properties', 'required', 'additionalProperties', ownKeyword]);
const drafts = /^https?:\/\/json-schema\.org\/(draft\/2020-12|draft\/2019-09|draft-07)\/schema#?$/;

/** Makes a stream's declaration of a JSON Schema of its messages, or says with its place what no stream can hold. */
export function importJsonSchema(schema: unknown, options: ImportOptions = {}): JsonSchemaImport {
  const problems: ImportProblem[] = [];
  const notes: ImportNote[] = [];
  const refuse = (path: string, message: string): void => void problems.push({ path, message });
  if (!isSchema(schema)) {
    refuse('#', 'is no JSON Schema of an object. A stream is declared by one with "type": "object".');
    return { source: null, problems, notes };
  }
  checkRoot(schema, refuse, (path, message) => void notes.push({ path, message, takes: 'more' }));
  const context = { root: schema, numbers: options.numbers ?? null, problems, notes, depth: 0 };
  const fields = importProperties(schema, '#', context);
  const own = isSchema(schema[ownKeyword]) ? schema[ownKeyword] : {};
  const name = nameOf(schema, own, options, refuse);
  const roles = rolesOf(leavesOf(fields), own, options, refuse);
  if (problems.length > 0) return { source: null, problems, notes };
  const description = typeof schema['description'] === 'string' ? schema['description'] : null;
  return { source: streamSource({ name, description, fields, own, ...roles }), problems, notes };
}

type Say = (path: string, message: string) => void;

function checkRoot(schema: SchemaObject, refuse: Say, note: Say): void {
  for (const keyword of Object.keys(schema))
    if (!rootKeywords.has(keyword)) refuse(`#/${keyword}`, 'is a keyword that no stream can hold.');
  const { $schema: draft, type, required, properties, additionalProperties: more = true } = schema;
  if (draft !== undefined && !(typeof draft === 'string' && drafts.test(draft)))
    refuse('#/$schema', 'is a draft that is not known here. Known are 2020-12, 2019-09 and draft-07.');
  if (type !== 'object') refuse('#/type', 'has to be "object": a message is one.');
  if (required !== undefined && !Array.isArray(required)) refuse('#/required', 'is no list of names.');
  if (properties !== undefined && !isSchema(properties)) refuse('#/properties', 'is no object of properties.');
  if (more === false) note('#/additionalProperties', 'is false; a stream passes over keys that it does not declare.');
  else if (more !== true) refuse('#/additionalProperties', 'describes keys without names, which no stream can hold.');
}

function nameOf(schema: SchemaObject, own: SchemaObject, { name }: ImportOptions, refuse: Say): string {
  const found = name ?? own['stream'] ?? schema['title'];
  if (typeof found === 'string' && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(found) && found.length <= 100) return found;
  refuse(
    '#/title',
    "gives no name for the stream. Name it: small letters, digits and hyphens, such as 'sensor-readings'.",
  );
  return '';
}

function rolesOf(fields: ReturnType<typeof leavesOf>, own: SchemaObject, options: ImportOptions, refuse: Say) {
  const required = fields.filter(({ optional }) => !optional).map(({ name }) => name);
  const told = required.length === 0 ? 'none is required' : `required are: ${required.join(', ')}`;
  const id = options.id ?? stringsOf(own['id']);
  if (id.length === 0) refuse('#', `does not say which fields identify an event. Name them; ${told}.`);
  for (const name of id) if (!required.includes(name)) refuse('#', `the id '${name}' is no required field; ${told}.`);
  const times = fields.filter(({ optional, isTime }) => isTime && !optional).map(({ name }) => name);
  const only = times.length === 1 ? times[0] : undefined;
  const eventTime = options.eventTime ?? own['eventTime'] ?? only;
  if (typeof eventTime !== 'string' || !times.includes(eventTime)) {
    refuse(
      '#',
      `does not say when an event happened. Name a required instant or date; there are: ${times.join(', ') || 'none'}.`,
    );
    return { id, eventTime: '' };
  }
  return { id, eventTime };
}
