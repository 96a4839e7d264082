/** A fraction of integers; `den` is above 0. */
export interface Fraction {
  readonly num: bigint;
  readonly den: bigint;
}

/** A finite double as it is, exactly. */
export function exactly(value: number): Fraction {
  if (value < 0) return { num: -exactly(-value).num, den: exactly(-value).den };
  let den = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    den *= 2n;
  }
  return { num: BigInt(scaled), den };
}

/** Is no other double closer? By looking at the points half way to its neighbours. */
export function isNearest(value: number, to: Fraction): boolean {
  if (to.num === 0n) return value === 0;
  if (to.num < 0n) return isNearest(-value, { num: -to.num, den: to.den });
  const [below, above] = halfWays(value);
  return isAtMost(below, to) && isAtMost(to, above);
}

/** Is no other double closer to the square root? */
export function isNearestRoot(value: number, of: Fraction): boolean {
  if (of.num === 0n) return value === 0;
  const [below, above] = halfWays(value);
  return isAtMost(square(below), of) && isAtMost(of, square(above));
}

function halfWays(value: number): readonly [Fraction, Fraction] {
  const bits = new BigUint64Array(new Float64Array([value]).buffer);
  const neighbour = (by: bigint): number => new Float64Array(new BigUint64Array([(bits[0] ?? 0n) + by]).buffer)[0] ?? 0;
  return [middle(exactly(neighbour(-1n)), exactly(value)), middle(exactly(value), exactly(neighbour(1n)))];
}

function middle(a: Fraction, b: Fraction): Fraction {
  return { num: a.num * b.den + b.num * a.den, den: 2n * a.den * b.den };
}

function square({ num, den }: Fraction): Fraction {
  return { num: num * num, den: den * den };
}

function isAtMost(a: Fraction, b: Fraction): boolean {
  return a.num * b.den <= b.num * a.den;
}

/** The sample variance of integers of 10^-scale. */
export function varianceOf(list: readonly number[], scale: number): Fraction {
  const n = BigInt(list.length);
  const sum = list.reduce((total, x) => total + BigInt(x), 0n);
  const squares = list.reduce((total, x) => total + BigInt(x) ** 2n, 0n);
  return { num: n * squares - sum * sum, den: n * (n - 1n) * 10n ** BigInt(2 * scale) };
}
