const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A length of time as declarations write it: the largest unit that it is a whole number of. */
export function durationText(ms: number): string {
  const [unit, length] = units.find(([, each]) => ms > 0 && ms % each === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}

/** About how long, in two digits and the largest unit that fits: `1.6s`, `27m`, `2.3h`. */
export function aboutText(ms: number): string {
  const [unit, length] = units.find(([, each]) => ms >= each) ?? ['ms', 1];
  const value = ms / length;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)}${unit}`;
}
