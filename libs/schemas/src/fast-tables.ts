import { mayBeMissing, messageTree, type MessageNode } from './message-tree.ts';
import type { Field, FieldType, Stream } from './stream.ts';

/** How the fast path reads a field; `never`: it does not, but for null. */
export const Reading = {
  exact: 0,
  float: 1,
  instant: 2,
  date: 3,
  truth: 4,
  text: 5,
  checkedText: 6,
  uuid: 7,
  list: 8,
  never: 9,
} as const;
export type Reading = (typeof Reading)[keyof typeof Reading];

/** A stream's declaration, compiled to what a scan over bytes needs: all by field number. */
export interface FastTables {
  readonly fields: number;
  readonly readings: Uint8Array;
  /** May it be missing where the record around it is there? */
  readonly optional: Uint8Array;
  /** Digits after the point that a number may have. */
  readonly scales: Uint8Array;
  /** 1 / quantum of a float. */
  readonly perQuantum: Float64Array;
  /** Units in a second of an instant. */
  readonly perSecond: Float64Array;
  readonly mins: Float64Array;
  readonly maxs: Float64Array;
  /** Bytes that a text certainly may have; a longer one may still be short enough in code points. */
  readonly maxBytes: Int32Array;
  readonly keys: FastKeys;
  /** The message itself, then its records. */
  readonly objects: readonly FastObject[];
  readonly timeField: number;
  readonly skewMs: number;
}

/**
 * Keys by slot: slot f below the number of fields is field f, the slots from there on are `objects[1]` and those after it.
 * The key of slot s as JSON and its colon: `bytes[starts[s], starts[s + 1])`; and the same in words of four bytes
 * (little-endian, the last one overlapping): `words[wordStarts[s], wordStarts[s + 1])`.
 */
export interface FastKeys {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly words: Int32Array;
  readonly wordStarts: Int32Array;
}

/** The message, or a record in it. */
export interface FastObject {
  /** Slots of what stands in it. */
  readonly slots: Int32Array;
  /** Fields in it, also those of records within it. */
  readonly fields: readonly number[];
  readonly optional: boolean;
  /** Containers around its members: 1 in the message. */
  readonly depth: number;
}

export function fastTables(stream: Stream): FastTables {
  const { fields } = stream;
  const { objects, sources } = objectsOf(fields);
  return {
    fields: fields.length,
    readings: Uint8Array.from(fields, reading),
    optional: Uint8Array.from(fields, (field) => (mayBeMissing(field) ? 1 : 0)),
    scales: Uint8Array.from(fields, (field) => (field.type.kind === 'decimal' ? field.type.scale : 0)),
    perQuantum: Float64Array.from(fields, (field) => (field.type.kind === 'float' ? 1 / field.type.quantum : 1)),
    perSecond: Float64Array.from(fields, ({ type }) =>
      type.kind !== 'instant' || type.unit === 's' ? 1 : type.unit === 'ms' ? 1e3 : 1e6,
    ),
    mins: Float64Array.from(fields, (field) => field.min ?? 0),
    maxs: Float64Array.from(fields, (field) => field.max ?? 0),
    maxBytes: Int32Array.from(fields, (field) => (field.type.kind === 'text' ? field.type.maxLength : 2 ** 30)),
    keys: keysOf(sources),
    objects,
    timeField: fields.findIndex((field) => field.name === stream.eventTime),
    skewMs: stream.skewMs ?? Infinity,
  };
}

/** The message and its records, and by slot the key. */
function objectsOf(fields: readonly Field[]): { objects: FastObject[]; sources: string[] } {
  const sources = fields.map(({ source }) => source);
  const objects: FastObject[] = [];
  const add = (nodes: readonly MessageNode[], about: Omit<FastObject, 'slots'>): void => {
    const slots = new Int32Array(nodes.length);
    objects.push({ ...about, slots });
    nodes.forEach((node, i) => {
      if ('field' in node) {
        slots[i] = node.field;
        return;
      }
      slots[i] = sources.push(node.source) - 1;
      const { members, optional, fields: inner } = node.record;
      add(members, { fields: inner, optional, depth: about.depth + 1 });
    });
  };
  add(messageTree(fields), { fields: fields.map((_, i) => i), optional: false, depth: 1 });
  return { objects, sources };
}

function keysOf(sources: readonly string[]): FastKeys {
  // A key that needs escapes has them here: bytes that match are the key, and a valid string.
  const quoted = sources.map((source) => new TextEncoder().encode(`${JSON.stringify(source)}:`));
  const words = quoted.map(wordsOf);
  return {
    bytes: Uint8Array.from(quoted.flatMap((key) => [...key])),
    starts: startsOf(quoted.map((key) => key.length)),
    words: Int32Array.from(words.flat()),
    wordStarts: startsOf(words.map((list) => list.length)),
  };
}

function reading({ type }: Field): Reading {
  switch (type.kind) {
    case 'int':
    case 'decimal':
      return Reading.exact;
    case 'boolean':
      return Reading.truth;
    case 'text':
      // A text that is not as it is kept was never kept: it is none of those that were checked.
      return type.matches === null && type.normal === undefined ? Reading.text : Reading.checkedText;
    case 'enumeration':
    case 'bytes':
      return Reading.checkedText;
    case 'list':
      return isKeptAsWritten(type.of.type) ? Reading.list : Reading.never;
    default:
      return Reading[type.kind];
  }
}

/**
 * Does the text that a list is kept as (`listText`), found in a message, mean the same list? Then a list that was accepted
 * need not be checked again where it is written in just that way. Of numbers in units, 15 would be taken for 1.5.
 */
function isKeptAsWritten({ kind }: FieldType): boolean {
  return kind === 'text' || kind === 'enumeration' || kind === 'uuid' || kind === 'bytes' || kind === 'int';
}

function startsOf(lengths: readonly number[]): Int32Array {
  const starts = new Int32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    starts[i + 1] = (starts[i] ?? 0) + length;
  });
  return starts;
}

/** A quoted key and its colon have at least four bytes. */
function wordsOf(key: Uint8Array): number[] {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return Array.from({ length: Math.ceil(key.length / 4) }, (_, i) =>
    view.getInt32(Math.min(i * 4, key.length - 4), true),
  );
}
