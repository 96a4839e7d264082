import type { AppendRecord } from '@twofold/event-log';
import { changeFields, decimalText, messageTree, type Field, type MessageNode, type Stream } from '@twofold/schemas';
import type { Change } from './upsert-fold.ts';

const encoder = new TextEncoder();
const dayMs = 86_400_000;

/** Writes changes as records of the change stream that decode to the very values they hold. */
export class ChangeRecords {
  readonly #fields: readonly Field[];
  readonly #nodes: readonly MessageNode[];
  readonly #keyField: number;

  constructor(stream: Stream) {
    const own: readonly string[] = Object.values(changeFields);
    this.#fields = stream.fields.filter(({ name }) => !own.includes(name));
    this.#nodes = messageTree(this.#fields);
    this.#keyField = this.#fields.findIndex(({ name }) => name === stream.partitionKey);
  }

  /** A record for the partition that its restatement stands in. */
  record(change: Change, partition: number): AppendRecord {
    const members = [
      `"${changeFields.sign}":${change.sign}`,
      `"${changeFields.offset}":${change.offset}`,
      `"${changeFields.ordinal}":${change.ordinal}`,
      ...this.#members(this.#nodes, change),
    ];
    const key = change.values[this.#keyField] ?? '';
    return { key: encoder.encode(String(key)), value: encoder.encode(`{${members.join(',')}}`), partition };
  }

  /** What is not null. A record of nothing but nulls is null as well, if it may be: its fields are the same. */
  #members(nodes: readonly MessageNode[], change: Change): string[] {
    return nodes.flatMap((node) => {
      const name = JSON.stringify(node.source);
      if ('record' in node) {
        const inside = this.#members(node.record.members, change);
        return inside.length === 0 && node.record.optional ? [] : [`${name}:{${inside.join(',')}}`];
      }
      const field = this.#fields[node.field];
      const value = change.values[node.field] ?? null;
      return field === undefined || value === null ? [] : [`${name}:${literal(field, value)}`];
    });
  }
}

/** A value in column units as the message's own form. */
function literal({ type }: Field, value: number | string): string {
  if (typeof value === 'string') return JSON.stringify(value);
  switch (type.kind) {
    case 'decimal':
      return decimalText(value, type.scale);
    case 'float':
      // A power of two times an integer of 53 bits: exact, and written so that it is read as itself.
      return JSON.stringify(value * type.quantum);
    case 'boolean':
      return value === 1 ? 'true' : 'false';
    case 'date':
      return `"${new Date(value * dayMs).toISOString().slice(0, 10)}"`;
    default:
      return String(value);
  }
}
