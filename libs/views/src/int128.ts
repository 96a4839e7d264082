import { ChunkError } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';

/**
 * Signed 128-bit sums as three doubles, digits of 2^52: value = top·2^104 + mid·2^52 + low, |low| and |mid| < 2^52.
 * The digits may differ in sign, so they are not unique; bytes are, since they are written of the value.
 */
export const digit = 2 ** 52;
/** |top| of a 128-bit number is at most this. */
const topLimit = 2 ** 23;

/** Writes the zigzag of the value as LEB128. Throws `SUM_OVERFLOW` when it leaves 128 bits. */
export function writeSum(into: ChunkWriter, lowDigit: number, midDigit: number, topDigit: number): void {
  const lowCarry = Math.floor(lowDigit / digit);
  let low = lowDigit - lowCarry * digit;
  const midSum = midDigit + lowCarry;
  const midCarry = Math.floor(midSum / digit);
  let mid = midSum - midCarry * digit;
  let top = topDigit + midCarry;
  if (top >= topLimit || top < -topLimit) {
    throw new ChunkError('SUM_OVERFLOW', 'A sum leaves 128 bits. Bound its field with .between().');
  }
  const negative = top < 0 ? 1 : 0;
  if (negative === 1) {
    low = digit - 1 - low;
    mid = digit - 1 - mid;
    top = -1 - top;
  }
  let group = ((low % 64) << 1) | negative;
  let shift = 64;
  for (;;) {
    low = Math.floor(low / shift) + (mid % shift) * (digit / shift);
    mid = Math.floor(mid / shift) + (top % shift) * (digit / shift);
    top = Math.floor(top / shift);
    shift = 128;
    if (low === 0 && mid === 0 && top === 0) break;
    into.byte(group | 128);
    group = low % 128;
  }
  into.byte(group);
}

/** Reads what `writeSum` wrote into the reader's digits; `last` is the place of the last byte. */
export function readSum(from: ChunkReader, last: number): void {
  if (last >= from.end) throw from.damaged('ends too early');
  if (last - from.at > 18) throw from.damaged('holds a number of more than 128 bits');
  const first = from.byte();
  const digits: [number, number, number] = [(first & 127) >>> 1, 0, 0];
  for (let bit = 6; from.at <= last; bit += 7) {
    const group = from.byte() & 127;
    if (group === 0 && from.at > last) throw from.damaged('holds a number that is not in its shortest form');
    const place = bit >= 104 ? 2 : bit >= 52 ? 1 : 0;
    const worth = group * 2 ** (bit - place * 52);
    const carry = place < 2 ? Math.floor(worth / digit) : 0;
    digits[place] += worth - carry * digit;
    if (place < 2) digits[place + 1] = (digits[place + 1] ?? 0) + carry;
  }
  const [low, mid, top] = digits;
  if (top >= topLimit) throw from.damaged('holds a number of more than 128 bits');
  const negative = (first & 1) === 1;
  from.low = negative ? digit - 1 - low : low;
  from.mid = negative ? digit - 1 - mid : mid;
  from.top = negative ? -1 - top : top;
}

export function digitsToBigInt(low: number, mid: number, top: number): bigint {
  return (BigInt(top) << 104n) + (BigInt(mid) << 52n) + BigInt(low);
}

/** Words (32 bits, least significant first) of a 128-bit two's complement number as digits of 2^52, into `into`. */
export function wordsToDigits(words: Uint32Array, highWords: Uint32Array, row: number, into: Float64Array): void {
  const w0 = words[row * 2] ?? 0;
  const w1 = words[row * 2 + 1] ?? 0;
  const w2 = highWords[row * 2] ?? 0;
  const w3 = highWords[row * 2 + 1] ?? 0;
  into[0] = w0 + (w1 & 0xfffff) * 0x1_0000_0000;
  into[1] = (w1 >>> 20) + w2 * 0x1000 + (w3 & 0xff) * 0x1000_0000_0000;
  into[2] = (w3 | 0) >> 8;
}
