/* Log-linear bins of integers: every power of two is split into 2^bits bins of equal width. No float decides a bin. */

/** Bits behind the leading one that a bin may keep. A value of 2^53 shifted by the most of them is below 2^63. */
export const fewestBits = 2;
export const mostBits = 9;

/** The most by which the middle of a bin differs from a value in it, as a part of the value. */
export function binError(bits: number): number {
  return 2 ** -(bits + 1);
}

/** The fewest bits whose error is at most this one; NaN when there are none. */
export function bitsFor(error: number): number {
  for (let bits = fewestBits; bits <= mostBits; bits++) if (binError(bits) <= error) return bits;
  return NaN;
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
/** Which half of a double holds its exponent: machines differ. */
const high = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * The bin of an integer up to 2^53 in size: 0 for 0; else, with e the exponent of its highest bit, the sign times
 * 1 + e · 2^bits + the `bits` bits behind that one. Bins are in the order of their values. A double has exponent and
 * bits side by side.
 */
export function binOf(value: number, bits: number): number {
  if (value === 0) return 0;
  double[0] = value < 0 ? -value : value;
  const bin = 1 + ((words[high] ?? 0) >>> (20 - bits)) - (1023 << bits);
  return value < 0 ? -bin : bin;
}

/** Is it the bin of any integer up to 2^53? Below 2^bits every second, fourth, … is not. */
export function isBin(bin: number, bits: number): boolean {
  if (!(Math.abs(bin) <= 1 + 53 * 2 ** bits)) return false;
  return binOf(lowestOf(bin, bits), bits) === bin;
}

/** The integers of a bin: the one nearest to 0, and by how much the furthest is further from it. */
export function rangeOfBin(bin: number, bits: number): { readonly lowest: number; readonly span: number } {
  const exponent = (Math.abs(bin) - 1) >> bits;
  return { lowest: lowestOf(bin, bits), span: bin === 0 ? 0 : Math.max(1, 2 ** (exponent - bits)) - 1 };
}

function lowestOf(bin: number, bits: number): number {
  if (bin === 0) return 0;
  const index = Math.abs(bin) - 1;
  const exponent = index >> bits;
  const size = Math.floor((2 ** bits + (index & (2 ** bits - 1))) * 2 ** (exponent - bits));
  return bin < 0 ? -size : size;
}
