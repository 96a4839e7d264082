/** Bits that hold every integer of `[0, max]`; at least 1. `max` is below 2^31. */
export function bitsFor(max: number): number {
  return Math.max(1, 32 - Math.clz32(max));
}

/** Bytes that `count` values of `width` bits take when packed in groups of eight. */
export function packedBytes(count: number, width: number): number {
  return Math.ceil(count / 8) * width;
}

/**
 * Parquet's bit packing: little-endian, lowest bits first, padded with zeros to a multiple of eight values.
 * `width` is 1 to 31, and every value fits. Writes `packedBytes` bytes from `at` on, for which there is room, and says
 * where they end. One kind of array only: this is the innermost loop of the archiver.
 */
export function packBits(
  values: Int32Array,
  from: number,
  to: number,
  width: number,
  bytes: Uint8Array,
  at: number,
): number {
  const end = at + packedBytes(to - from, width);
  let word = 0;
  let bits = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0;
    word |= value << bits;
    bits += width;
    if (bits >= 32) {
      bytes[at] = word;
      bytes[at + 1] = word >>> 8;
      bytes[at + 2] = word >>> 16;
      bytes[at + 3] = word >>> 24;
      at += 4;
      bits -= 32;
      word = bits > 0 ? value >>> (width - bits) : 0;
    }
  }
  for (; at < end; at++, word >>>= 8) bytes[at] = word;
  return end;
}

/** The same for flags of 0 and 1, one bit each. */
export function packFlags(flags: Uint8Array, count: number, bytes: Uint8Array, at: number): number {
  const whole = count & ~7;
  for (let i = 0; i < whole; i += 8) {
    bytes[at++] =
      (flags[i] ?? 0) |
      ((flags[i + 1] ?? 0) << 1) |
      ((flags[i + 2] ?? 0) << 2) |
      ((flags[i + 3] ?? 0) << 3) |
      ((flags[i + 4] ?? 0) << 4) |
      ((flags[i + 5] ?? 0) << 5) |
      ((flags[i + 6] ?? 0) << 6) |
      ((flags[i + 7] ?? 0) << 7);
  }
  if (whole === count) return at;
  let last = 0;
  for (let i = whole; i < count; i++) last |= (flags[i] ?? 0) << (i - whole);
  bytes[at] = last;
  return at + 1;
}
