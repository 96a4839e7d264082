/**
 * The double nearest to `num / den` (ties to even), for any integers, den not 0. The quotient is taken to at least 64
 * bits, and what was cut off is kept as a lowest bit, so that the one rounding is right.
 */
export function nearestRatio(num: bigint, den: bigint): number {
  if (den < 0n) return nearestRatio(-num, -den);
  if (num < 0n) return -nearestRatio(-num, den);
  if (num === 0n) return 0;
  const shift = BigInt(70 - bitLength(num) + bitLength(den));
  const scaled = shift > 0n ? num << shift : num;
  const divisor = shift > 0n ? den : den << -shift;
  return nearestScaled(scaled / divisor, scaled % divisor !== 0n, Number(shift));
}

/** The double nearest to the square root of `num / den`, for num >= 0 and den > 0. */
export function nearestRootOfRatio(num: bigint, den: bigint): number {
  if (num === 0n) return 0;
  const wanted = 140 - bitLength(num) + bitLength(den);
  const shift = BigInt(wanted + (wanted & 1));
  const scaled = shift > 0n ? num << shift : num;
  const divisor = shift > 0n ? den : den << -shift;
  const square = scaled / divisor;
  const root = integerRoot(square);
  return nearestScaled(root, root * root !== square || scaled % divisor !== 0n, Number(shift) / 2);
}

/** `value · 2^-shift` to the nearest double; `inexact` when a little was cut off of it. */
function nearestScaled(value: bigint, inexact: boolean, shift: number): number {
  return Number(inexact ? value | 1n : value) * 2 ** -shift;
}

/** At most 3 too large. */
function bitLength(value: bigint): number {
  return value.toString(16).length * 4;
}

/** The largest integer whose square is at most the value. */
function integerRoot(value: bigint): bigint {
  let root = BigInt(Math.floor(Math.sqrt(Number(value))));
  for (let last = 0n; root !== last && root - last !== 1n && last - root !== 1n;) {
    last = root;
    root = (root + value / root) >> 1n;
  }
  while (root * root > value) root--;
  while ((root + 1n) * (root + 1n) <= value) root++;
  return root;
}
