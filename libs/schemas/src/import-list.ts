import type { FieldSchema, Reading } from './import-field.ts';
import { isSchema, type SchemaObject } from './json-schema-nodes.ts';

const usual = 100;
const most = 10_000;

/** `"type": "array"` whose items are all of one kind. Null when it is refused. */
export function importList(field: FieldSchema, readKind: (element: FieldSchema) => Reading | null): Reading | null {
  const { schema, own, refuse, note } = field;
  const { items, maxItems, uniqueItems = false } = schema;
  if (!isSchema(items) || '$ref' in items)
    return refuse('items', 'does not say what the items are. Those of a list are of one kind, and stand here in full.');
  const said = own['of'];
  const element: SchemaObject = items;
  const read = readKind({
    ...field,
    schema: element,
    own: isSchema(said) ? said : {},
    refuse: (keyword, message) => refuse(`items/${keyword}`, message),
    note: (keyword, takes, message) => note(`items/${keyword}`, takes, message),
  });
  if (read === null) return null;
  const beyond = Object.keys(element).find((keyword) => !read.used.includes(keyword));
  if (read.builder === 'list' || beyond !== undefined)
    return refuse(`items/${beyond ?? 'type'}`, `can not be held by an item of kind ${read.builder}.`);
  if (maxItems === undefined) note('maxItems', 'less', `is not there: lists of more than ${usual} items are rejected.`);
  else if (typeof maxItems !== 'number' || !Number.isInteger(maxItems) || maxItems < 1 || maxItems > most)
    return refuse('maxItems', `is no whole number from 1 to ${most}.`);
  if (typeof uniqueItems !== 'boolean') return refuse('uniqueItems', 'is neither true nor false.');
  const length = maxItems === undefined || maxItems === usual ? '' : `.maxItems(${String(maxItems)})`;
  return {
    builder: 'list',
    more: [read.builder, ...(read.more ?? [])],
    code: `list(${read.code})${length}${uniqueItems ? '.unique()' : ''}`,
    used: ['type', 'items', 'maxItems', 'uniqueItems'],
  };
}
