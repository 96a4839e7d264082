import { writeSum } from './int128.ts';

/**
 * Writes canonical bytes into a buffer that grows and is used again. Varints are LEB128, least significant group first,
 * always the shortest; signed numbers are zigzag (0, -1, 1, -2, … become 0, 1, 2, 3, …).
 * `ensure` makes room; the other methods do not check, so that hot loops check once a partial.
 */
export class ChunkWriter {
  bytes = new Uint8Array(1 << 9);
  at = 0;

  ensure(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + length));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  /** An integer from 0 to 2^53; at most 8 bytes. */
  varint(value: number): void {
    if (value < 0x1000_0000) {
      this.short(value);
      return;
    }
    const higher = Math.floor(value / 0x1000_0000);
    this.fourGroups(value - higher * 0x1000_0000);
    this.short(higher);
  }

  /** An integer from -2^53 to 2^53; at most 8 bytes. */
  zigzag(value: number): void {
    if (value < 0x2000_0000 && value >= -0x2000_0000) {
      this.short(((value << 1) ^ (value >> 31)) >>> 0);
      return;
    }
    const negative = value < 0 ? 1 : 0;
    const magnitude = negative === 1 ? -1 - value : value;
    const higher = Math.floor(magnitude / 64);
    this.bytes[this.at++] = ((magnitude - higher * 64) << 1) | negative | 128;
    this.varint(higher);
  }

  /** An integer from 0 to 2^32 - 1. */
  private short(value: number): void {
    const bytes = this.bytes;
    let at = this.at;
    let rest = value;
    while (rest > 127) {
      bytes[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.at = at;
  }

  /** The lowest 28 bits of a number that has more. */
  private fourGroups(low: number): void {
    const bytes = this.bytes;
    const at = this.at;
    bytes[at] = (low & 127) | 128;
    bytes[at + 1] = ((low >>> 7) & 127) | 128;
    bytes[at + 2] = ((low >>> 14) & 127) | 128;
    bytes[at + 3] = ((low >>> 21) & 127) | 128;
    this.at = at + 4;
  }

  /** A signed 128-bit number in digits of 2^52 (see `int128.ts`); at most 19 bytes, and the same ones as `zigzag`. */
  sum(low: number, mid: number, top: number): void {
    if (top === 0 && mid >= -1 && mid <= 1) this.zigzag(mid * 0x10_0000_0000_0000 + low);
    else writeSum(this, low, mid, top);
  }

  raw(source: Uint8Array, start: number, end: number): void {
    const bytes = this.bytes;
    let at = this.at;
    if (end - start > 64) {
      bytes.set(source.subarray(start, end), at);
      at += end - start;
    } else for (let i = start; i < end; i++) bytes[at++] = source[i] ?? 0;
    this.at = at;
  }

  /** What was written, as a fresh buffer; the writer starts again. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.at);
    this.at = 0;
    return taken;
  }
}

/** Length of a varint in bytes. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}
