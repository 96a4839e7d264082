import type { Field, RecordStep } from './stream.ts';

/** What stands at a key of a message or record: a field, or a record with its members. */
export type MessageNode =
  { readonly source: string; readonly field: number } | { readonly source: string; readonly record: RecordNode };

export interface RecordNode {
  /** Its own name in the declaration. */
  readonly name: string;
  /** Keys from the message to the record, with dots between them: what people are told. */
  readonly path: string;
  readonly optional: boolean;
  readonly members: readonly MessageNode[];
  /** Numbers of all fields in it, also those of records within it. */
  readonly fields: readonly number[];
}

/** Fields by where they stand in a message, in order of declaration. The members of a record are declared side by side. */
export function messageTree(fields: readonly Field[]): readonly MessageNode[] {
  return nodesAt(fields, 0, fields.length, 0);
}

function nodesAt(fields: readonly Field[], from: number, to: number, depth: number): MessageNode[] {
  const nodes: MessageNode[] = [];
  for (let at = from; at < to;) {
    const field = fields[at];
    const step = field?.record?.path[depth];
    if (field === undefined || step === undefined) {
      nodes.push({ source: field?.source ?? '', field: at++ });
      continue;
    }
    let end = at + 1;
    while (end < to && isSameRecord(fields[end], field, depth)) end++;
    nodes.push({ source: step.source, record: recordAt(fields, at, end, depth, step) });
    at = end;
  }
  return nodes;
}

function recordAt(fields: readonly Field[], from: number, to: number, depth: number, step: RecordStep): RecordNode {
  const around = fields[from]?.record?.path.slice(0, depth) ?? [];
  return {
    name: step.name,
    path: [...around, step].map(({ source }) => source).join('.'),
    optional: step.optional,
    members: nodesAt(fields, from, to, depth + 1),
    fields: Array.from({ length: to - from }, (_, i) => from + i),
  };
}

function isSameRecord(field: Field | undefined, other: Field, depth: number): boolean {
  const path = field?.record?.path ?? [];
  return path.length > depth && path.slice(0, depth + 1).every(({ name }, i) => name === other.record?.path[i]?.name);
}

/** Keys from the message to the field's value. */
export function sourcePath({ source, record }: Field): readonly string[] {
  return [...(record?.path ?? []).map((step) => step.source), source];
}

/** The same for people, and in rejections: `position.lat`. */
export function sourceText(field: Field): string {
  return sourcePath(field).join('.');
}

/** May it be missing where all around it is there? */
export function mayBeMissing({ optional, record }: Field): boolean {
  return record === undefined ? optional : record.optional;
}
