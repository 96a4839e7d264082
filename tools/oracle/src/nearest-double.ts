/** The double nearest to num / den, den not 0: written as a decimal, which the language reads to the nearest double. */
export function nearestRatio(num: bigint, den: bigint): number {
  if (den < 0n) return nearestRatio(-num, -den);
  if (num < 0n) return -nearestRatio(-num, den);
  const places = placesFor(num, den);
  const scaled = num * 10n ** places;
  return fromDecimal(scaled / den, scaled % den !== 0n, places);
}

/** The double nearest to the square root of num / den, num >= 0, den > 0. */
export function nearestRoot(num: bigint, den: bigint): number {
  const places = placesFor(num, den);
  const scaled = num * 10n ** (2n * places);
  const square = scaled / den;
  const root = integerRoot(square);
  return fromDecimal(root, root * root !== square || scaled % den !== 0n, places);
}

/**
 * Decimal places in which every tie between two doubles of this size (or of its root) can be written out: a tie has at
 * most 54 binary places below the leading one, and a binary place is a decimal one.
 */
function placesFor(num: bigint, den: bigint): bigint {
  return BigInt(60 + 4 * Math.max(0, den.toString(16).length - num.toString(16).length));
}

/** `digits · 10^-places`, and a little more when something was cut off, so that it is on the right side of a tie. */
function fromDecimal(digits: bigint, cut: boolean, places: bigint): number {
  return digits === 0n && !cut ? 0 : Number(`${digits}${cut ? 1 : 0}e-${places + 1n}`);
}

/** The largest integer whose square is at most the value. */
export function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  // Newton's iteration from above falls until it reaches the root.
  let root = 2n ** BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
