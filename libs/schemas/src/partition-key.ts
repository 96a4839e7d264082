import { DebeziumEnvelopes } from './debezium-envelopes.ts';
import { isText } from './decoded-columns.ts';
import { ExactPath } from './exact-path.ts';
import type { Field, FieldType, Stream } from './stream.ts';

const encoder = new TextEncoder();
const dayMs = 86_400_000;
/** No message is too large to be placed. */
const anyBytes = 2 ** 30;

/**
 * Gives a message's key for the log: the text of its partition key as the decoder reads it, from an envelope too. So all
 * spellings of one value have one key, and restatements of one row one partition (E27). Null: none can be read. Bounds
 * are not asked: a record that is rejected for another field, or by this version of the stream alone, has its key.
 */
export function createPartitionKeyReader(stream: Stream): (message: Uint8Array) => Uint8Array | null {
  const declared = stream.fields.find((field) => field.name === stream.partitionKey);
  // A declaration without it was refused.
  if (declared === undefined) return () => null;
  const field: Field = { ...declared, type: unbounded(declared.type), min: null, max: null };
  const alone: Stream = { ...stream, fields: [field], maxRecordBytes: anyBytes };
  const exact = new ExactPath(alone);
  const envelopes = stream.format === 'debezium' ? new DebeziumEnvelopes(alone) : null;
  return (message) => {
    const flat = envelopes?.flat(message, 0, message.length) ?? message;
    if (exact.read(flat, 0, flat.length, 0) !== null || exact.row.present[0] !== 1) return null;
    const { numbers, texts, textStarts, textEnds } = exact.row;
    if (isText(field.type.kind)) return texts.slice(textStarts[0] ?? 0, textEnds[0] ?? 0);
    return encoder.encode(numberText(field.type, numbers[0] ?? 0));
  };
}

function unbounded(type: FieldType): FieldType {
  switch (type.kind) {
    case 'text':
      return { ...type, maxLength: Infinity, matches: null };
    case 'enumeration':
      return { kind: 'text', maxLength: Infinity, matches: null };
    default:
      return type;
  }
}

/** As JSON has it, of a value in column units; an instant as a number of its unit, however it is written. */
function numberText(type: FieldType, value: number): string {
  switch (type.kind) {
    case 'boolean':
      return value === 1 ? 'true' : 'false';
    case 'date':
      return new Date(value * dayMs).toISOString().slice(0, 10);
    case 'decimal':
      return String(value / 10 ** type.scale);
    case 'float':
      return String(value * type.quantum);
    default:
      return String(value);
  }
}
