import { ChunkError } from './chunk-error.ts';
import { ChunkReader } from './chunk-reader.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { Dimension, View } from './view.ts';

/**
 * A dimension's value: text, or an integer in column units (a decimal in 10^-scale, a float in quanta, an instant or a
 * date in its unit), or a boolean. Null is a value.
 */
export type KeyValue = number | string | boolean | null;

/**
 * The canonical bytes of a key, one dimension after the other: 0 for null, or 1 and then
 * a number as zigzag varint (LEB128, booleans as 0 and 1), a text as length in bytes (varint) and UTF-8.
 *
 * Keys are ordered as their bytes are (memcmp): the same on every machine and for ever. It is the order of chunks and
 * of answers. For texts of one length it is the order of code points; shorter texts come first, and nulls before all;
 * numbers are not in numeric order.
 * Throws `KEY_INVALID` when the values are none of the view's dimensions.
 */
export function encodeKey(view: View, values: readonly KeyValue[]): Uint8Array {
  if (values.length !== view.dimensions.length) {
    throw new ChunkError(
      'KEY_INVALID',
      `A key of view '${view.name}' has ${view.dimensions.length} values, not ${values.length}.`,
    );
  }
  const into = new ChunkWriter();
  view.dimensions.forEach((dimension, i) => writeValue(view, dimension, values[i] ?? null, into));
  return into.take();
}

function writeValue(view: View, dimension: Dimension, value: KeyValue, into: ChunkWriter): void {
  const fail = (): never => {
    throw new ChunkError(
      'KEY_INVALID',
      `${JSON.stringify(value)} is no ${dimension.expr.type.kind} for dimension '${dimension.name}' of view '${view.name}'.`,
    );
  };
  if (value === null) {
    writeNull(into);
  } else if (dimension.expr.type.kind === 'text') {
    if (typeof value !== 'string' || !value.isWellFormed()) return fail();
    const bytes = textEncoder.encode(value);
    writeText(into, bytes, 0, bytes.length);
  } else {
    const units = value === true ? 1 : value === false ? 0 : value;
    if (typeof units !== 'number' || !Number.isInteger(units) || Math.abs(units) > 2 ** 53) return fail();
    if (dimension.expr.type.kind === 'boolean' && units !== 0 && units !== 1) return fail();
    writeNumber(into, units + 0);
  }
}

/** Throws `KEY_INVALID` when the bytes are no key of the view. */
export function decodeKey(view: View, bytes: Uint8Array): KeyValue[] {
  const from = new ChunkReader(bytes);
  try {
    const values = view.dimensions.map((dimension) => readValue(dimension, from));
    if (from.at === bytes.length) return values;
  } catch (error) {
    if (!(error instanceof ChunkError || error instanceof TypeError)) throw error;
  }
  throw new ChunkError(
    'KEY_INVALID',
    `${bytes.length} bytes are no key of view '${view.name}' (${view.dimensions.map(({ name }) => name).join(', ')}).`,
  );
}

function readValue(dimension: Dimension, from: ChunkReader): KeyValue {
  const presence = from.byte();
  if (presence === 0) return null;
  if (presence !== 1) throw from.damaged('has a presence that is neither 0 nor 1');
  if (dimension.expr.type.kind === 'text') {
    const length = from.varint();
    const start = from.skip(length);
    return textDecoder.decode(from.bytes.subarray(start, start + length));
  }
  const units = from.zigzag();
  if (dimension.expr.type.kind !== 'boolean') return units;
  if (units !== 0 && units !== 1) throw from.damaged('has a boolean that is neither 0 nor 1');
  return units === 1;
}

export function writeNull(into: ChunkWriter): void {
  into.ensure(1);
  into.byte(0);
}

export function writeNumber(into: ChunkWriter, units: number): void {
  into.ensure(10);
  into.byte(1);
  into.zigzag(units);
}

export function writeText(into: ChunkWriter, utf8: Uint8Array, start: number, end: number): void {
  into.ensure(end - start + 10);
  into.byte(1);
  into.varint(end - start);
  into.raw(utf8, start, end);
}

/** Order of keys: negative, 0 or positive, as memcmp; a prefix comes first. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return compareRanges(a, 0, a.length, b, 0, b.length);
}

export function compareRanges(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const shorter = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < shorter; i++) {
    const difference = (a[aStart + i] ?? 0) - (b[bStart + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

/** The bucket of speed rows that a key belongs to. A function of the bytes alone; stored, so it never changes. */
export function bucketOf(view: View, keyBytes: Uint8Array): number {
  return hashRange(keyBytes, 0, keyBytes.length) % view.buckets;
}

/** FNV-1a of 32 bits, mixed so that all bits count. Unsigned. Never changes: buckets are stored by it. */
export function hashRange(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
