/*
 * The hash of a value, for sketches: the first 60 bits of the md5 of its canonical text. Every engine has md5, so that
 * all of them see the same hash; nothing here is about secrets.
 */

/** Sixty bits in two halves of thirty. */
export class ValueHash {
  /** The first 30 bits. */
  high = 0;
  /** The next 30 bits. */
  low = 0;
  private block = new Int32Array(16);
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 0;

  /** Of a text, by its UTF-8 bytes `[start, end)`. */
  ofBytes(bytes: Uint8Array, start: number, end: number): void {
    this.a = 0x67452301;
    this.b = 0xefcdab89 | 0;
    this.c = 0x98badcfe | 0;
    this.d = 0x10325476;
    const length = end - start;
    let at = start;
    for (; end - at >= 64; at += 64) {
      this.fill(bytes, at, at + 64);
      this.mix();
    }
    const { block } = this;
    const left = end - at;
    this.fill(bytes, at, end);
    block[left >> 2] = (block[left >> 2] ?? 0) | (0x80 << ((left & 3) * 8));
    if (left >= 56) {
      this.mix();
      block.fill(0);
    }
    block[14] = length << 3;
    block[15] = length >>> 29;
    this.mix();
    const first = swapped(this.a);
    this.high = first >>> 2;
    this.low = ((first & 3) << 28) | (swapped(this.b) >>> 4);
  }

  /** Of an integer, by its decimal digits. */
  ofNumber(value: number): void {
    const text = String(value);
    for (let i = 0; i < text.length; i++) digits[i] = text.charCodeAt(i);
    this.ofBytes(digits, 0, text.length);
  }

  /** At most 64 bytes, as words of little end first; the rest of the block is 0. */
  private fill(bytes: Uint8Array, from: number, to: number): void {
    const { block } = this;
    block.fill(0);
    for (let at = from; at < to; at++) {
      const place = at - from;
      block[place >> 2] = (block[place >> 2] ?? 0) | ((bytes[at] ?? 0) << ((place & 3) * 8));
    }
  }

  private mix(): void {
    let { a, b, c, d } = this;
    const { block } = this;
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      let mixed: number;
      let word: number;
      if (round === 0) {
        mixed = (b & c) | (~b & d);
        word = i;
      } else if (round === 1) {
        mixed = (d & b) | (~d & c);
        word = (5 * i + 1) & 15;
      } else if (round === 2) {
        mixed = b ^ c ^ d;
        word = (3 * i + 5) & 15;
      } else {
        mixed = c ^ (b | ~d);
        word = (7 * i) & 15;
      }
      const sum = (a + mixed + (sines[i] ?? 0) + (block[word] ?? 0)) | 0;
      const by = turns[(round << 2) | (i & 3)] ?? 0;
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << by) | (sum >>> (32 - by)))) | 0;
    }
    this.a = (this.a + a) | 0;
    this.b = (this.b + b) | 0;
    this.c = (this.c + c) | 0;
    this.d = (this.d + d) | 0;
  }
}

const digits = new Uint8Array(24);

/** The four bytes in the other order. */
function swapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

const turns = Uint8Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21);

// prettier-ignore
/** floor(2^32 · |sin(i + 1)|), as the definition of md5 prints them: no engine's sine is asked. */
const sines = Int32Array.of(
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
);
