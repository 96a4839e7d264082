import type { Field, Stream } from './stream.ts';

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
  never: 8,
} as const;
export type Reading = (typeof Reading)[keyof typeof Reading];

/** A stream's declaration, compiled to what a scan over bytes needs: all by field number. */
export interface FastTables {
  readonly fields: number;
  readonly readings: Uint8Array;
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
  /**
   * The key of field f as JSON and its colon: `keys[keyStarts[f], keyStarts[f + 1])`; and the same in words of four
   * bytes (little-endian, the last one overlapping): `keyWords[wordStarts[f], wordStarts[f + 1])`.
   */
  readonly keys: Uint8Array;
  readonly keyStarts: Int32Array;
  readonly keyWords: Int32Array;
  readonly wordStarts: Int32Array;
  readonly timeField: number;
  readonly skewMs: number;
}

export function fastTables(stream: Stream): FastTables {
  const { fields } = stream;
  // A key that needs escapes has them here: bytes that match are the key, and a valid string.
  const quoted = fields.map((field) => new TextEncoder().encode(`${JSON.stringify(field.source)}:`));
  const words = quoted.map(wordsOf);
  return {
    fields: fields.length,
    readings: Uint8Array.from(fields, reading),
    optional: Uint8Array.from(fields, (field) => (field.optional ? 1 : 0)),
    scales: Uint8Array.from(fields, (field) => (field.type.kind === 'decimal' ? field.type.scale : 0)),
    perQuantum: Float64Array.from(fields, (field) => (field.type.kind === 'float' ? 1 / field.type.quantum : 1)),
    perSecond: Float64Array.from(fields, ({ type }) =>
      type.kind !== 'instant' || type.unit === 's' ? 1 : type.unit === 'ms' ? 1e3 : 1e6,
    ),
    mins: Float64Array.from(fields, (field) => field.min ?? 0),
    maxs: Float64Array.from(fields, (field) => field.max ?? 0),
    maxBytes: Int32Array.from(fields, (field) => (field.type.kind === 'text' ? field.type.maxLength : 2 ** 30)),
    keys: Uint8Array.from(quoted.flatMap((key) => [...key])),
    keyStarts: startsOf(quoted.map((key) => key.length)),
    keyWords: Int32Array.from(words.flat()),
    wordStarts: startsOf(words.map((list) => list.length)),
    timeField: fields.findIndex((field) => field.name === stream.eventTime),
    skewMs: stream.skewMs ?? Infinity,
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
      return Reading.never;
    default:
      return Reading[type.kind];
  }
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
