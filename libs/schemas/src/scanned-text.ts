import { plainTextEnd } from './plain-text.ts';
import { finishHash, hashText, mixWord } from './text-hash.ts';

/** Finds where plain texts end, four bytes at a time, and hashes them on the way. */
export class ScannedText {
  /** Of the text found last (text-hash.ts). */
  hash = 0;
  private readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** The place of the quote that ends the string whose text starts at `start`, or -1 where it is not plain. */
  scan(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    let hash = this.seed;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      if (maybeSpecial(word)) break;
      hash = mixWord(hash, word);
    }
    let word = 0;
    const last = at + 4 < end ? at + 4 : end;
    for (let shift = 0; at < last; at++, shift += 8) {
      const byte = bytes[at] ?? 0;
      if (byte === 34) {
        this.hash = finishHash(shift > 0 ? mixWord(hash, word) : hash, at - start);
        return at;
      }
      if (byte < 32 || byte === 92 || byte > 127) break;
      word |= byte << shift;
    }
    return this.scanSlowly(bytes, start, end);
  }

  private scanSlowly(bytes: Uint8Array, start: number, end: number): number {
    const textEnd = plainTextEnd(bytes, start, end);
    if (textEnd !== -1) this.hash = hashText(this.seed, bytes, start, textEnd);
    return textEnd;
  }
}

/**
 * Does one of the four bytes need a closer look: a quote, a backslash, a control character, one beyond ASCII? It never
 * misses one; a byte above one of these may be taken for one by a borrow.
 */
function maybeSpecial(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const found =
    ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((word - 0x20202020) & ~word) | word;
  return (found & 0x80808080) !== 0;
}
