import { codePointEnd } from './utf8.ts';

/** 1 for the ASCII bytes that stand for themselves in a string. */
const inText = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 32 && byte < 128 && byte !== 34 && byte !== 92 ? 1 : 0,
);

/** The place of the quote that ends the string whose text starts at `at`, or -1 where it is not plain. */
export function plainTextEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end;) {
    const byte = bytes[at] ?? 0;
    if (inText[byte] === 1) at++;
    else if (byte === 34) return at;
    else {
      at = byte < 128 ? -1 : codePointEnd(bytes, at, end);
      if (at === -1) return -1;
    }
  }
  return -1;
}

/** A uuid in lower case. */
export function isPlainUuid(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 36) return false;
  for (let place = 0; place < 36; place++) {
    const byte = bytes[start + place] ?? 0;
    if (isHyphen(place) ? byte !== 45 : !((byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102))) return false;
  }
  return true;
}

/** Is this a place of a hyphen in a uuid? */
export function isHyphen(place: number): boolean {
  return place === 8 || place === 13 || place === 18 || place === 23;
}
