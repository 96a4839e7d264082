import type { NormalText } from './stream.ts';

/** Makes of the text `[start, end)` what is kept, in its place, and gives its end. Bytes beyond ASCII stay as they are. */
export function normaliser({ trim, letters }: NormalText): (bytes: Uint8Array, start: number, end: number) => number {
  const first = letters === 'lower' ? 65 : 97;
  return (bytes, start, end) => {
    let from = start;
    let to = end;
    if (trim) {
      while (from < to && isBlank(bytes[from] ?? 0)) from++;
      while (to > from && isBlank(bytes[to - 1] ?? 0)) to--;
      if (from > start) bytes.copyWithin(start, from, to);
    }
    const length = to - from;
    if (letters === null) return start + length;
    for (let at = start; at < start + length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= first && byte < first + 26) bytes[at] = byte ^ 32;
    }
    return start + length;
  };
}

/** A blank, a tab, a line feed or a carriage return. */
function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}
