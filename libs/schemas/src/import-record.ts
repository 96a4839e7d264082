import type { FieldImport, FieldSchema, Reading } from './import-field.ts';

/** `"type": "object"`, as a record of its properties: null when one of them is refused. Null when it is refused. */
export function importRecord(
  { schema, refuse, note }: FieldSchema,
  properties: () => readonly FieldImport[] | null,
): Reading | null {
  const { additionalProperties: more = true, description } = schema;
  if (more === false)
    note('additionalProperties', 'more', 'is false; a record passes over keys that it does not declare.');
  else if (more !== true)
    return refuse('additionalProperties', 'describes keys without names, which no record can hold.');
  if (description !== undefined) note('description', 'same', 'is left out: a record has no description of its own.');
  const members = properties();
  if (members === null) return null;
  if (members.length === 0) return refuse('properties', 'names none. A record has at least one member.');
  return {
    builder: 'record',
    more: members.flatMap((member) => [member.builder, ...member.more]),
    members,
    code: `record({ ${members.map(({ name, code }) => `${name}: ${code}`).join(', ')} })`,
    used: ['type', 'properties', 'required', 'additionalProperties'],
  };
}

/** Fields as a stream has them: the members of records one by one, under the names that ids and keys use. */
export function leavesOf(fields: readonly FieldImport[]): readonly Pick<FieldImport, 'name' | 'optional' | 'isTime'>[] {
  return fields.flatMap((field) => {
    if (field.members === undefined) return [field];
    return leavesOf(field.members).map(({ name, optional, isTime }) => ({
      name: `${field.name}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      optional: optional || field.optional,
      isTime,
    }));
  });
}
