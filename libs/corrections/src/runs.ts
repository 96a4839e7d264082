/** Whole numbers as ranges `[from, to)`: rising, disjoint, none touching the next, none empty. */
export type Runs = readonly (readonly [from: number, to: number])[];

/** The runs of numbers that come in rising order; repeated ones count once. */
export function runsOf(rising: Iterable<number>): Runs {
  const runs: [number, number][] = [];
  for (const number of rising) {
    const last = runs.at(-1);
    if (last !== undefined && number === last[1]) last[1] = number + 1;
    else if (last === undefined || number > last[1]) runs.push([number, number + 1]);
  }
  return runs;
}

export function sizeOf(runs: Runs): number {
  return runs.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** Every number that is in one of them. */
export function unionOf(lists: readonly Runs[]): Runs {
  const runs: [number, number][] = [];
  for (const [from, to] of lists.flat().sort((a, b) => a[0] - b[0])) {
    const last = runs.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (from < to) runs.push([from, to]);
  }
  return runs;
}

/** What of `[from, to)` is not in the runs. */
export function outsideOf(runs: Runs, from: number, to: number): Runs {
  const left: [number, number][] = [];
  let at = from;
  for (let i = firstEndingAfter(runs, from); i < runs.length && at < to; i++) {
    const [start, end] = runs[i] ?? [to, to];
    if (start >= to) break;
    if (start > at) left.push([at, start]);
    at = Math.max(at, end);
  }
  if (at < to) left.push([at, to]);
  return left;
}

export function isIn(runs: Runs, number: number): boolean {
  const run = runs[firstEndingAfter(runs, number)];
  return run !== undefined && run[0] <= number;
}

function firstEndingAfter(runs: Runs, number: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.[1] ?? Infinity) <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}
