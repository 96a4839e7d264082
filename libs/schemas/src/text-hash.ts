/**
 * Hash of a text, taken in words of four bytes from its start (little-endian; the last one filled up with zeros):
 * `mixWord` for each word, then `finishHash`. Whoever scans a text anyway hashes it on the way.
 */
export function mixWord(hash: number, word: number): number {
  const scattered = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((scattered << 15) | (scattered >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

export function finishHash(hash: number, length: number): number {
  let mixed = hash ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

export function hashText(seed: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = seed;
  let word = 0;
  let shift = 0;
  for (let at = start; at < end; at++) {
    word |= (bytes[at] ?? 0) << shift;
    shift += 8;
    if (shift < 32) continue;
    hash = mixWord(hash, word);
    word = 0;
    shift = 0;
  }
  return finishHash(shift > 0 ? mixWord(hash, word) : hash, end - start);
}
