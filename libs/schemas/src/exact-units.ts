/** What became of a number: its units, or why the column can not hold it exactly. */
export type ExactUnits =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly code: 'TOO_MANY_DIGITS' | 'INEXACT_NUMBER' };

const inexact: ExactUnits = { ok: false, code: 'INEXACT_NUMBER' };
const beyondScale: ExactUnits = { ok: false, code: 'TOO_MANY_DIGITS' };
const largestTenth = 900_719_925_474_099; // 2^53 = 10 * this + 2

/**
 * The integer number of 10^-scale units that a JSON number stands for, by its value and not its spelling: `1.50`,
 * `15e-1` and `1.5` are the same. Digit by digit, so that no double comes between. `bytes` holds a valid JSON number
 * in `[start, end)`. Digits other than 0 beyond the scale are refused, or rounded half away from zero when `round`.
 * |units| > 2^53 is refused. -0 is 0.
 */
export function exactUnits(bytes: Uint8Array, start: number, end: number, scale: number, round: boolean): ExactUnits {
  const negative = bytes[start] === 45;
  const number = significantDigits(bytes, negative ? start + 1 : start, end);
  if (number.digits.length === 0) return { ok: true, value: 0 };
  // value * 10^scale = digits * 10^shift: `kept` digits stand before the units' point.
  const kept = number.digits.length + number.exponent + scale;
  if (kept > 16) return inexact;
  const dropped = number.digits.slice(Math.max(kept, 0));
  if (!round && dropped.some((digit) => digit !== 0)) return beyondScale;
  let units = 0;
  for (let i = 0; i < kept; i++) {
    const digit = number.digits[i] ?? 0;
    if (units > largestTenth || (units === largestTenth && digit > 2)) return inexact;
    units = units * 10 + digit;
  }
  if (kept >= 0 && (dropped[0] ?? 0) >= 5) {
    if (units === 2 ** 53) return inexact;
    units++;
  }
  return { ok: true, value: units === 0 ? 0 : negative ? -units : units };
}

/** Digits from the first that is not 0, and the power of ten of the last one. No digits: the number is 0. */
function significantDigits(bytes: Uint8Array, start: number, end: number): { digits: number[]; exponent: number } {
  const digits: number[] = [];
  let fraction = 0;
  let inFraction = false;
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 46) inFraction = true;
    else if (byte === 69 || byte === 101) break;
    else {
      if (inFraction) fraction++;
      if (digits.length > 0 || byte !== 48) digits.push(byte - 48);
    }
  }
  return { digits, exponent: exponentOf(bytes, at + 1, end) - fraction };
}

function exponentOf(bytes: Uint8Array, start: number, end: number): number {
  let exponent = 0;
  let negative = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 45) negative = true;
    // Beyond this size its value no longer matters: a record has fewer digits than that.
    else if (byte !== 43) exponent = Math.min(exponent * 10 + byte - 48, 1e12);
  }
  return negative ? -exponent : exponent;
}
