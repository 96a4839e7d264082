import { fieldReader } from './field-reader.ts';
import { Token } from './json-cursor.ts';
import { JsonReader } from './json-reader.ts';
import { mayBeMissing, sourceText, type MessageNode, type RecordNode } from './message-tree.ts';
import { tokenName, type FieldRead, type RowFault } from './staged-row.ts';
import type { Field } from './stream.ts';

/** The exact reader of what stands at one key. */
export function nodeReader(node: MessageNode, fields: readonly Field[]): FieldRead {
  if ('record' in node) return recordReader(node.record, fields);
  const field = fields[node.field];
  // A tree is made of the fields.
  if (field === undefined) return () => null;
  return fieldReader({ ...field, source: sourceText(field), optional: mayBeMissing(field) }, node.field);
}

/** Reads a record member by member, in order of declaration. One that is null, or not there, leaves its fields null. */
function recordReader({ path, optional, members }: RecordNode, fields: readonly Field[]): FieldRead {
  const json = new JsonReader(members.map(({ source }) => source));
  const readers = members.map((member) => nodeReader(member, fields));
  const fault = (code: RowFault['code'], detail: string): RowFault => ({ code, field: path, detail });
  return (row, token, bytes, start, end) => {
    if (token <= Token.null) {
      if (optional) return null;
      const what = token === Token.null ? 'null' : 'not there';
      return fault('MISSING_FIELD', `'${path}' is ${what}, and the record is not optional.`);
    }
    if (token !== Token.object)
      return fault('WRONG_TYPE', `'${path}' is ${tokenName(token)}, and a record was expected.`);
    const broken = json.read(bytes, start, end);
    if (broken !== null) {
      const key = broken.key === null ? path : `${path}.${broken.key}`;
      return { code: broken.code, field: key, detail: `At byte ${broken.at} of '${path}': ${broken.what}.` };
    }
    for (let i = 0; i < readers.length; i++) {
      const found =
        readers[i]?.(row, json.tokens[i] ?? Token.absent, bytes, json.starts[i] ?? 0, json.ends[i] ?? 0) ?? null;
      if (found !== null) return found;
    }
    return null;
  };
}
