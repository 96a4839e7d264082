/** A place in a schema, as a JSON pointer, and what is to be said of it. */
export interface ImportProblem {
  readonly path: string;
  readonly message: string;
}

/** A part that is taken otherwise: does the stream then accept more messages than the schema, or less? */
export interface ImportNote extends ImportProblem {
  readonly takes: 'more' | 'less' | 'both' | 'same';
}

export type SchemaObject = Readonly<Record<string, unknown>>;

export function isSchema(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A schema may be true (anything) or false (nothing). */
export function schemaAt(value: unknown): SchemaObject | boolean | null {
  return typeof value === 'boolean' ? value : isSchema(value) ? value : null;
}

/** The texts of a list; empty when it is none. */
export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

const deepest = 32;

/** What a pointer into the same document names, through further references; null when there is nothing, or a circle. */
export function resolved(root: SchemaObject, schema: SchemaObject, depth = 0): SchemaObject | null {
  const { $ref: reference, ...rest } = schema;
  if (reference === undefined) return schema;
  // Drafts differ in what a keyword beside a reference means.
  if (Object.keys(rest).some((key) => !['title', 'description', '$comment'].includes(key))) return null;
  if (typeof reference !== 'string' || !reference.startsWith('#/') || depth >= deepest) return null;
  let found: unknown = root;
  for (const step of reference.slice(2).split('/')) {
    const key = decoded(step);
    found = key !== null && isSchema(found) && Object.hasOwn(found, key) ? found[key] : undefined;
    // Below an id of its own, references mean something else.
    if (isSchema(found) && Object.hasOwn(found, '$id')) return null;
  }
  if (!isSchema(found)) return null;
  const target = resolved(root, found, depth + 1);
  return target === null ? null : { ...target, ...rest };
}

function decoded(step: string): string | null {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return null;
  }
}
