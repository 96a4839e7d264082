import { ChunkError } from './chunk-error.ts';
import { readSum } from './int128.ts';

const limit = 2 ** 53;

/**
 * Reads canonical bytes and believes none of them: every read checks the end, the range and that the form is the
 * shortest, and throws `CHUNK_DAMAGED` with the place otherwise.
 */
export class ChunkReader {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  /** The last sum read, in digits of 2^52. */
  low = 0;
  mid = 0;
  top = 0;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte(): number {
    if (this.at >= this.end) throw this.damaged('ends too early');
    return this.bytes[this.at++] ?? 0;
  }

  /** An integer from 0 to 2^53. */
  varint(): number {
    const first = this.byte();
    return first < 128 ? first : this.rest(first - 128, 128);
  }

  /** An integer from -2^53 to 2^53. */
  zigzag(): number {
    const first = this.byte();
    const lowest = (first & 127) >>> 1;
    const magnitude = first < 128 ? lowest : this.rest(lowest, 64);
    if ((first & 1) === 0) return magnitude;
    if (magnitude >= limit) throw this.damaged('holds a number below -2^53');
    return -1 - magnitude;
  }

  /** A signed 128-bit number, into `low`, `mid` and `top`. */
  sum(): void {
    const { bytes, end } = this;
    let last = this.at;
    while (last < end && (bytes[last] ?? 0) > 127) last++;
    if (last - this.at >= 7) {
      readSum(this, last);
      return;
    }
    this.low = this.zigzag();
    this.mid = 0;
    this.top = 0;
  }

  /** Passes over a varint of any length up to 19 bytes. */
  skipVarint(): void {
    const from = this.at;
    while (this.byte() > 127) if (this.at - from > 19) throw this.damaged('holds a number of more than 128 bits');
  }

  /** Passes over `length` bytes; gives where they start. */
  skip(length: number): number {
    const from = this.at;
    if (length > this.end - from) throw this.damaged('ends too early');
    this.at = from + length;
    return from;
  }

  damaged(what: string): ChunkError {
    return new ChunkError('CHUNK_DAMAGED', `A chunk of ${this.bytes.length} bytes ${what}, near byte ${this.at}.`, {
      facts: { at: this.at, length: this.bytes.length },
    });
  }

  /** The number of which `lowest` is the first group, and the next group is worth `weight`. */
  private rest(lowest: number, weight: number): number {
    let value = 0;
    for (let scale = weight; ; scale *= 128) {
      const group = this.byte();
      value += (group & 127) * scale;
      if (value > limit || (value === limit && lowest > 0)) throw this.damaged('holds a number above 2^53');
      if (group < 128) {
        if (group === 0) throw this.damaged('holds a number that is not in its shortest form');
        return value + lowest;
      }
    }
  }
}
