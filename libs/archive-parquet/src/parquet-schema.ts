import { isTextKind, type FieldType, type Stream } from '@twofold/schemas';
import { fieldColumn, physical } from '@twofold/views';
import type { SchemaElement } from 'hyparquet';

/** The format number of data files, kept in each file's metadata. A newer one is refused. */
export const fileFormat = 1;

/** Keys of the file's own metadata. */
export const fileKeys = {
  format: 'twofold.format',
  stream: 'twofold.stream',
  fingerprint: 'twofold.fingerprint',
  /** `all`, or `rejected` where only the bytes of rejected records were kept. */
  bytes: 'twofold.bytes',
} as const;

type Storage = 'int64' | 'int32' | 'text' | 'bytes';

export interface FileColumn {
  readonly name: string;
  readonly storage: Storage;
  readonly nullable: boolean;
}

export function isText(type: FieldType): boolean {
  return isTextKind(type.kind);
}

/** The columns of a stream's files, in the order in which they are written. */
export function fileColumns(stream: Stream): readonly FileColumn[] {
  const required = (name: string, storage: Storage): FileColumn => ({ name, storage, nullable: false });
  const optional = (name: string, storage: Storage): FileColumn => ({ name, storage, nullable: true });
  return [
    required(physical.partition, 'int32'),
    required(physical.offset, 'int64'),
    required(physical.logTime, 'int64'),
    required(physical.class, 'int32'),
    optional(physical.eventTime, 'int64'),
    ...stream.fields.map((field) => optional(fieldColumn(field.name), isText(field.type) ? 'text' : 'int64')),
    optional(physical.rejectionCode, 'text'),
    optional(physical.rejectionField, 'text'),
    optional(physical.rejectionDetail, 'text'),
    optional(physical.key, 'bytes'),
    optional(physical.value, 'bytes'),
  ];
}

export function parquetSchema(stream: Stream): SchemaElement[] {
  const columns = fileColumns(stream);
  return [{ name: 'events', num_children: columns.length }, ...columns.map(schemaElement)];
}

function schemaElement({ name, storage, nullable }: FileColumn): SchemaElement {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
  if (storage === 'int32') return { name, type: 'INT32', repetition_type };
  if (storage === 'int64') return { name, type: 'INT64', repetition_type };
  if (storage === 'bytes') return { name, type: 'BYTE_ARRAY', repetition_type };
  return { name, type: 'BYTE_ARRAY', repetition_type, converted_type: 'UTF8', logical_type: { type: 'STRING' } };
}
