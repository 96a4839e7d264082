import type { Rejection } from '@twofold/schemas';
import type { ArchivedColumns, ArchivedField } from './archived-columns.ts';
import type { FileCodec, FileContent } from './file-content.ts';

type FieldHeader = { readonly kind: 'number' } | { readonly kind: 'text'; readonly values: readonly (string | null)[] };

interface Header extends Pick<ArchivedColumns, 'partition' | 'from' | 'to' | 'count'> {
  readonly stream: string;
  readonly fingerprint: string;
  readonly bytesKept: boolean;
  readonly fields: readonly FieldHeader[];
  readonly rejections: readonly Rejection[];
}

const notKept = -2;
const isNull = -1;

/**
 * The memory archive's file: a JSON header with its length in front, then the columns' arrays as they lie in memory
 * (so the bytes stay on machines of one byte order), then lengths and bytes of keys and values.
 */
export const columnFileCodec: FileCodec = {
  extension: 'columns',

  write(content) {
    const { columns } = content;
    const parts: Uint8Array[] = [headerBytes(content)];
    for (const array of arraysOf(columns)) parts.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    for (const blobs of [content.keys, content.values]) {
      const lengths = Int32Array.from(blobs, (blob) => (blob === undefined ? notKept : (blob?.byteLength ?? isNull)));
      parts.push(new Uint8Array(lengths.buffer));
      for (const blob of blobs) if (blob) parts.push(blob);
    }
    return concatenate(parts);
  },

  read(bytes) {
    let at = 4;
    const take = (length: number): Uint8Array => bytes.slice(at, (at += length));
    const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(take(headerLength))) as Header;
    const { count, fields, stream, fingerprint, bytesKept, ...rest } = header;
    const floats = (): Float64Array => new Float64Array(take(count * 8).buffer);
    const columns: ArchivedColumns = {
      ...rest,
      count,
      offsets: floats(),
      logTimes: floats(),
      eventTimes: floats(),
      classes: take(count),
      fields: fields.map((field): ArchivedField =>
        field.kind === 'text' ? field : { kind: 'number', values: floats(), valid: take(count) },
      ),
    };
    const readBlobs = (): (Uint8Array | null | undefined)[] => {
      const lengths = new Int32Array(take(count * 4).buffer);
      return Array.from(lengths, (length) =>
        length === notKept ? undefined : length === isNull ? null : take(length),
      );
    };
    const keys = readBlobs();
    return { stream, fingerprint, bytesKept, columns, keys, values: readBlobs() };
  },
};

function headerBytes(content: FileContent): Uint8Array {
  const { partition, from, to, count, fields, rejections } = content.columns;
  const header: Header = {
    stream: content.stream,
    fingerprint: content.fingerprint,
    bytesKept: content.bytesKept,
    partition,
    from,
    to,
    count,
    fields: fields.map((field) =>
      field.kind === 'text' ? { kind: 'text', values: field.values } : { kind: 'number' },
    ),
    rejections,
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(4 + json.byteLength);
  new DataView(bytes.buffer).setUint32(0, json.byteLength, true);
  bytes.set(json, 4);
  return bytes;
}

function* arraysOf(columns: ArchivedColumns): Generator<Float64Array | Uint8Array> {
  yield columns.offsets;
  yield columns.logTimes;
  yield columns.eventTimes;
  yield columns.classes;
  for (const field of columns.fields) {
    if (field.kind === 'text') continue;
    yield field.values;
    yield field.valid;
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.byteLength;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
