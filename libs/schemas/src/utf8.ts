/**
 * Where the code point that starts at `at` ends, or -1 when the bytes there are no strict UTF-8: overlong forms,
 * surrogates and anything above U+10FFFF are none.
 */
export function codePointEnd(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return at + 1;
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > end) return -1;
  const second = bytes[at + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return -1;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return -1;
  return at + length;
}

/** Where the first byte stands that is no strict UTF-8, or -1 when there is none. */
export function firstInvalidUtf8(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end;) {
    const next = codePointEnd(bytes, at, end);
    if (next === -1) return at;
    at = next;
  }
  return -1;
}

/** Number of code points in valid UTF-8. */
export function countCodePoints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) count++;
  return count;
}

/** Writes a code point's UTF-8; gives where the next one goes. */
export function writeCodePoint(code: number, into: Uint8Array, at: number): number {
  if (code < 0x80) {
    into[at] = code;
    return at + 1;
  }
  const length = code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  for (let i = length - 1; i > 0; i--) into[at + i] = 0x80 | ((code >> (6 * (length - 1 - i))) & 0x3f);
  into[at] = (length === 2 ? 0xc0 : length === 3 ? 0xe0 : 0xf0) | (code >> (6 * (length - 1)));
  return at + length;
}
