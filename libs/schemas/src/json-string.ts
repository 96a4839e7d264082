import { writeCodePoint } from './utf8.ts';

const simpleEscapes = new Map(
  [...'"\\/bfnrt'].map((letter, i) => [letter.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(i)] as const),
);

/**
 * Writes what a JSON string stands for as UTF-8. `[start, end)` is between its quotes, and its syntax has been
 * checked. `into` must hold `end - start` bytes from `at` on: no escape is shorter than what it stands for.
 * Gives where the text ends, or -1 when a `\u` escape leaves half a surrogate pair: UTF-8 can not hold it.
 */
export function unescape(bytes: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  let to = at;
  for (let from = start; from < end;) {
    const byte = bytes[from] ?? 0;
    if (byte !== 92) {
      into[to++] = byte;
      from++;
      continue;
    }
    const letter = bytes[from + 1] ?? 0;
    if (letter !== 117) {
      into[to++] = simpleEscapes.get(letter) ?? letter;
      from += 2;
      continue;
    }
    let code = hex4(bytes, from + 2);
    from += 6;
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = bytes[from] === 92 && bytes[from + 1] === 117 && from + 6 <= end ? hex4(bytes, from + 2) : 0;
      if (code > 0xdbff || low < 0xdc00 || low > 0xdfff) return -1;
      code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      from += 6;
    }
    to = writeCodePoint(code, into, to);
  }
  return to;
}

/** The number in four hex digits, or -1 when they are none. */
export function hex4(bytes: Uint8Array, at: number): number {
  let code = 0;
  for (let i = 0; i < 4; i++) {
    const digit = hexDigit(bytes[at + i] ?? 0);
    if (digit === -1) return -1;
    code = code * 16 + digit;
  }
  return code;
}

export function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
