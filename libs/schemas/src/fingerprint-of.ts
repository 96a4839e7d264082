import { SchemaError } from './errors.ts';

/** What a fingerprint can be taken of: plain JSON values, finite numbers only. */
export type CanonicalValue =
  null | boolean | number | string | readonly CanonicalValue[] | { readonly [name: string]: CanonicalValue };

const prime = 0x100000001b3n;
const offsetBasis = 0xcbf29ce484222325n;

/**
 * A 64-bit hash of a value, as 16 hex characters. The order of an object's members does not matter, -0 is 0, and the
 * result never changes between versions: it is stored. FNV-1a over the UTF-8 of the canonical JSON, then mixed, so
 * that short values differ in all bits. It guards against mistakes, not against somebody who looks for collisions.
 * Throws `INVALID_CANONICAL_VALUE` for NaN and infinities.
 */
export function fingerprintOf(value: CanonicalValue): string {
  let hash = offsetBasis;
  for (const byte of new TextEncoder().encode(canonicalJson(value))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * prime);
  }
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn);
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return (hash ^ (hash >> 33n)).toString(16).padStart(16, '0');
}

/** JSON with members sorted by name (UTF-16 code units) and no blanks: equal values have equal text. */
export function canonicalJson(value: CanonicalValue): string {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return JSON.stringify(value);
    throw new SchemaError('INVALID_CANONICAL_VALUE', `${value} has no JSON form, so it has no fingerprint.`);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

function isList(value: object): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}
