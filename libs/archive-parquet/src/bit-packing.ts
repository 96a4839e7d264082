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
 * `width` is 1 to 31, and every value fits. Writes whole words into `words` from `at` on, which has room for
 * `packedBytes` rounded up to a word. Needs a little-endian machine, as everything Node runs on is.
 */
export function packBits(
  values: ArrayLike<number>,
  from: number,
  to: number,
  width: number,
  words: Uint32Array,
  at = 0,
): void {
  let word = 0;
  let bits = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0;
    word |= value << bits;
    bits += width;
    if (bits >= 32) {
      words[at++] = word;
      bits -= 32;
      word = bits > 0 ? value >>> (width - bits) : 0;
    }
  }
  if (bits > 0) words[at++] = word;
  // The padding up to a multiple of eight values may reach into one more word.
  const used = Math.ceil(packedBytes(to - from, width) / 4);
  const start = at - Math.ceil(((to - from) * width) / 32);
  for (let i = at; i < start + used; i++) words[i] = 0;
}
