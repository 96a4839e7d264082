import { highestRegister, type DistinctSet } from './distinct-set.ts';

/**
 * How many values a set has: exact while it keeps its hashes, else the estimate of O. Ertl, "New cardinality estimation
 * algorithms for HyperLogLog sketches" (2017), algorithm 6, to the nearest whole number. Its standard error is about
 * `distinctError`, for sets of any size.
 */
export function distinctCount(set: DistinctSet): number {
  const { registers, precision } = set;
  if (registers === null) return set.size;
  const highest = highestRegister(precision);
  const counts = new Float64Array(highest + 1);
  for (let i = 0; i < registers.length; i++) {
    const register = registers[i] ?? 0;
    counts[register] = (counts[register] ?? 0) + 1;
  }
  const all = registers.length;
  let sum = all * tau(1 - (counts[highest] ?? 0) / all);
  for (let register = highest - 1; register >= 1; register--) sum = (sum + (counts[register] ?? 0)) / 2;
  sum += all * sigma((counts[0] ?? 0) / all);
  // Registers that are all at their end say nothing of how many.
  return Math.min(2 ** 53, Math.round(((all / (2 * Math.LN2)) * all) / sum));
}

/** The standard error of an estimate, as a part of the true number. */
export function distinctError(precision: number): number {
  return 1.04 / Math.sqrt(2 ** precision);
}

/** x + Σ x^(2^k) · 2^(k-1), for x below 1: what registers of 0 stand for. */
function sigma(x: number): number {
  let [power, weight, sum] = [x, 1, x];
  for (;;) {
    power *= power;
    const next = sum + power * weight;
    if (next === sum) return sum;
    sum = next;
    weight *= 2;
  }
}

/** (1 - x - Σ (1 - x^(2^-k))² · 2^-k) / 3: what registers at their end stand for. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let [root, weight, rest] = [x, 1, 1 - x];
  for (;;) {
    root = Math.sqrt(root);
    weight /= 2;
    const next = rest - (1 - root) ** 2 * weight;
    if (next === rest) return rest / 3;
    rest = next;
  }
}
