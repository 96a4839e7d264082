/** The text of the values' counts by bin (`BinCounts.text`), by its definition: exact integers, one by one. */
export function naiveBins(values: readonly (number | bigint)[], bits: number): string {
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = binOf(BigInt(value), bits);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return sorted.map(([bin, count]) => `${bin}:${count}`).join(',');
}

function binOf(value: bigint, bits: number): number {
  if (value === 0n) return 0;
  const size = value < 0n ? -value : value;
  const exponent = size.toString(2).length - 1;
  // The digits behind the first one, as many as are kept.
  const kept = size.toString(2).slice(1).padEnd(bits, '0').slice(0, bits);
  const bin = 1 + exponent * 2 ** bits + Number.parseInt(kept, 2);
  return value < 0n ? -bin : bin;
}
