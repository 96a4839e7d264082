/** The number of 10^-scale units in a JSON number, or why it has none. Exact: no double comes between. */
export function decimalUnits(
  raw: string,
  scale: number,
  round: boolean,
): bigint | 'TOO_MANY_DIGITS' | 'INEXACT_NUMBER' {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(raw) ?? [];
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return 0n;
  // value · 10^scale = digits · 10^shift
  const shift = BigInt(exponent) - BigInt(fraction.length) + BigInt(scale);
  const magnitude = BigInt(digits.toString().length) + shift;
  if (magnitude > 16n) return 'INEXACT_NUMBER';
  let units: bigint;
  if (shift >= 0n) units = digits * 10n ** shift;
  else {
    // Below a tenth of a unit the divisor's size no longer matters.
    const divisor = magnitude < 0n ? digits * 100n : 10n ** -shift;
    if (!round && digits % divisor !== 0n) return 'TOO_MANY_DIGITS';
    units = digits / divisor + ((digits % divisor) * 2n >= divisor ? 1n : 0n);
  }
  if (units > 2n ** 53n) return 'INEXACT_NUMBER';
  return sign === '-' ? -units : units;
}

/** `floor(x / quantum)` of the double nearest to a JSON number, or null when it is no integer from -2^53 to below 2^53. */
export function floatQuanta(raw: string, quantum: number): bigint | null {
  const double = Number(raw);
  if (!Number.isFinite(double)) return null;
  const [x, q] = [partsOf(double), partsOf(quantum)];
  // x / quantum = (x.mantissa / q.mantissa) · 2^shift, and a power of two divides without remainder but for the shift.
  const shift = BigInt(x.exponent - q.exponent);
  const quanta = floorDivide(x.mantissa << (shift > 0n ? shift : 0n), q.mantissa << (shift < 0n ? -shift : 0n));
  return quanta >= -(2n ** 53n) && quanta < 2n ** 53n ? quanta : null;
}

/** double = mantissa · 2^exponent, exactly. */
function partsOf(double: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, double);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & (2n ** 52n - 1n);
  const size = biased === 0 ? fraction : fraction + 2n ** 52n;
  return { mantissa: double < 0 ? -size : size, exponent: (biased === 0 ? 1 : biased) - 1075 };
}

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b !== a && a < 0n !== b < 0n ? quotient - 1n : quotient;
}
