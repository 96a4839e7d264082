/** The text of the values' counts by bin as partials have it. */
export function binsText(values: readonly bigint[], bits: number): string {
  const bins = [...values].sort(bySize).map((value) => binOf(value, bits));
  const first = bins.filter((bin, i) => bin !== bins[i - 1]);
  return first.map((bin) => `${bin}:${bins.lastIndexOf(bin) - bins.indexOf(bin) + 1}`).join(',');
}

/** The text of the values' counts between edges as partials have it; a bin is as many as there are edges up to it. */
export function binnedText(values: readonly bigint[], edges: readonly number[]): string {
  const counts = binnedCounts(values, edges);
  return counts.flatMap((count, bin) => (count > 0 ? [`${bin}:${count}`] : [])).join(',');
}

/** How many values are below the first edge, between each two, and at or above the last. */
export function binnedCounts(values: readonly bigint[], edges: readonly number[]): number[] {
  const binsOfValues = values.map((value) => edges.filter((edge) => BigInt(edge) <= value).length);
  return Array.from({ length: edges.length + 1 }, (_, bin) => binsOfValues.filter((each) => each === bin).length);
}

/** The middle of the bin of the value at rank ⌈part · n⌉ of the values in order, as a ratio; there is at least one. */
export function quantileParts(
  values: readonly bigint[],
  part: number,
  bits: number,
): { readonly num: bigint; readonly den: bigint } {
  const sorted = [...values].sort(bySize);
  const rank = sorted.findIndex((_, i) => BigInt(i + 1) * 10n ** 9n >= partOf(part) * BigInt(sorted.length));
  const value = sorted[rank] ?? 0n;
  const size = value < 0n ? -value : value;
  const width = widthAt(size, bits);
  const lowest = size - (size % width);
  const twice = lowest + lowest + width - 1n;
  return { num: value < 0n ? -twice : twice, den: 2n };
}

/** How many integers share a bin with this one: an octave of them is shared out among 2^bits bins. */
function widthAt(size: bigint, bits: number): bigint {
  const octave = 1n << BigInt(Math.max(0, size.toString(2).length - 1));
  const width = octave >> BigInt(bits);
  return width > 1n ? width : 1n;
}

function binOf(value: bigint, bits: number): bigint {
  if (value === 0n) return 0n;
  const size = value < 0n ? -value : value;
  const exponent = BigInt(size.toString(2).length - 1);
  const within = ((size - (1n << exponent)) << BigInt(bits)) >> exponent;
  const bin = 1n + (exponent << BigInt(bits)) + within;
  return value < 0n ? -bin : bin;
}

/** In billionths, by its decimal spelling. */
function partOf(part: number): bigint {
  return BigInt(part.toFixed(9).replace('.', ''));
}

function bySize(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
