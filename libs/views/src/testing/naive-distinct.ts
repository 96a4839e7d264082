import { ValueHash } from '../value-hash.ts';

/**
 * The text of a set of values (`DistinctSet.text`), by its definition: one list, sorted and counted, in exact integers.
 * Texts as they are; numbers in column units.
 */
export function naiveDistinct(values: readonly (string | number)[], precision: number): string {
  const different = [...new Set(values.map((value) => hashOf(String(value))))];
  different.sort((a, b) => (a < b ? -1 : 1));
  if (different.length <= 2 ** precision / 8) {
    return `e${different.map((hash) => hash.toString(16).padStart(15, '0')).join('')}`;
  }
  const rest = 60 - precision;
  const registers = new Map<number, number>();
  for (const hash of different) {
    const bits = hash.toString(2).padStart(60, '0');
    const index = Number.parseInt(bits.slice(0, precision), 2);
    const zeros = /0*$/.exec(bits.slice(precision))?.[0].length ?? rest;
    registers.set(index, Math.max(registers.get(index) ?? 0, zeros + 1));
  }
  const used = [...registers].sort(([a], [b]) => a - b);
  return `r${used.map(([index, register]) => index * 64 + register).join(',')}`;
}

function hashOf(text: string): bigint {
  const hash = new ValueHash();
  const bytes = new TextEncoder().encode(text);
  hash.ofBytes(bytes, 0, bytes.length);
  return (BigInt(hash.high) << 30n) | BigInt(hash.low);
}
