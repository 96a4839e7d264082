import { Token } from './json-cursor.ts';
import { instantReader, dateReader, exactReader, floatReader, truthReader } from './number-readers.ts';
import { fieldFault, type FieldRead } from './staged-row.ts';
import type { Field } from './stream.ts';
import { listReader } from './list-reader.ts';
import { bytesReader, enumerationReader, textReader, uuidReader } from './text-readers.ts';

/** The exact reader of field number `index`. Required fields refuse null and absence, optional ones keep null. */
export function fieldReader(field: Field, index: number): FieldRead {
  const read = kindReader(field, index);
  return (row, token, bytes, start, end) => {
    if (token > Token.null) return read(row, token, bytes, start, end);
    if (field.optional) return null;
    return fieldFault(
      field,
      'MISSING_FIELD',
      `'${field.source}' is ${token === Token.null ? 'null' : 'not there'}, and the field is not optional.`,
    );
  };
}

function kindReader(field: Field, index: number): FieldRead {
  switch (field.type.kind) {
    case 'int':
      return exactReader(field, index, 0, false);
    case 'decimal':
      return exactReader(field, index, field.type.scale, field.type.round);
    case 'float':
      return floatReader(field, index, field.type.quantum);
    case 'instant':
      return instantReader(field, index, field.type.unit);
    case 'date':
      return dateReader(field, index);
    case 'boolean':
      return truthReader(field, index);
    case 'uuid':
      return uuidReader(field, index);
    case 'bytes':
      return bytesReader(field, index, field.type.maxLength);
    case 'list':
      return listReader(field, index, field.type);
    case 'enumeration':
      return enumerationReader(field, index, field.type.values);
    case 'text':
      return textReader(field, index, field.type);
  }
}
