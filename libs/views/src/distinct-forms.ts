import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';

/* The forms of a set in a chunk: `DistinctSet.write` says what they are. Pairs are the halves of hashes, one after the other. */

export function comparePairs(a: Int32Array, i: number, b: Int32Array, j: number): number {
  return (a[i * 2] ?? 0) - (b[j * 2] ?? 0) || (a[i * 2 + 1] ?? 0) - (b[j * 2 + 1] ?? 0);
}

export function usedOf(registers: Uint8Array): number {
  let used = 0;
  for (let i = 0; i < registers.length; i++) if (registers[i] !== 0) used++;
  return used;
}

/** Is a list of so many registers, at about two bytes each, the shorter form? */
export function isList(used: number, registers: number): boolean {
  return used <= (registers * 3) / 8;
}

export function writeList(into: ChunkWriter, registers: Uint8Array, used: number): void {
  into.varint(used);
  let last = -1;
  for (let index = 0; index < registers.length; index++) {
    const register = registers[index] ?? 0;
    if (register === 0) continue;
    into.varint((index - last - 1) * 64 + register);
    last = index;
  }
}

export function writeAll(into: ChunkWriter, registers: Uint8Array): void {
  for (let i = 0; i < registers.length; i += 4) {
    const four =
      (registers[i] ?? 0) |
      ((registers[i + 1] ?? 0) << 6) |
      ((registers[i + 2] ?? 0) << 12) |
      ((registers[i + 3] ?? 0) << 18);
    into.byte(four & 255);
    into.byte((four >>> 8) & 255);
    into.byte(four >>> 16);
  }
}

export function readPairs(from: ChunkReader, count: number): Int32Array {
  if (count * 5 > from.end - from.at) throw from.damaged('ends too early');
  const pairs = new Int32Array(count * 2);
  let high = 0;
  for (let i = 0; i < count; i++) {
    high += from.varint();
    const at = from.skip(4);
    const { bytes } = from;
    const low =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    if (high > largestHalf || low < 0 || low > largestHalf) throw from.damaged('has a hash of more than 60 bits');
    pairs[i * 2] = high;
    pairs[i * 2 + 1] = low;
    if (i > 0 && comparePairs(pairs, i - 1, pairs, i) >= 0) throw from.damaged('has hashes out of order');
  }
  return pairs;
}

const largestHalf = 2 ** 30 - 1;
