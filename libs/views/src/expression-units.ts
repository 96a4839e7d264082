/** What one unit of a number's column is: 10^-scale, or a power of two. Neither: 1. */
export interface Units {
  readonly scale: number;
  readonly quantum: number | null;
}

/** Why a literal has no whole number of units; the sentence ends the one that names the literal. */
export interface Inexact {
  readonly reason: string;
}

const limit = 2n ** 53n;
export const wholeNumbers: Units = { scale: 0, quantum: null };

/** The whole number of units that a literal is, by its shortest decimal spelling: 0.1 is one tenth. */
export function literalUnits(value: number, units: Units): number | Inexact {
  if (!Number.isFinite(value)) return { reason: 'is no finite number' };
  const { floor, exact } = units.quantum === null ? decimalUnits(value, units.scale) : quanta(value, units.quantum);
  if (floor > limit || floor < -limit) return { reason: `is beyond 2^53 ${unitText(units)}` };
  if (exact) return Number(floor);
  return {
    reason: `is no whole number of ${unitText(units)}; the nearest are ${unitsText(floor, units)} and ${unitsText(floor + 1n, units)}`,
  };
}

/** The coarsest units in which a literal is whole, beside numbers of these units. */
export function naturalUnits(value: number, beside: Units): Units {
  if (Number.isInteger(value) || !Number.isFinite(value)) return wholeNumbers;
  if (beside.quantum === null) return { scale: decimalDigits(value).scale, quantum: null };
  let quantum = 1;
  while (!Number.isInteger(value / quantum) && quantum > 2 ** -100) quantum /= 2;
  return { scale: 0, quantum };
}

/** Units that both are whole multiples of, and by how much; null when a decimal fraction meets a binary one. */
export function commonUnits(
  left: Units,
  right: Units,
): { readonly units: Units; readonly left: bigint; readonly right: bigint } | null {
  if (left.quantum === null && right.quantum === null) {
    const scale = Math.max(left.scale, right.scale);
    const times = (of: Units): bigint => 10n ** BigInt(scale - of.scale);
    return { units: { scale, quantum: null }, left: times(left), right: times(right) };
  }
  if (left.scale > 0 || right.scale > 0) return null;
  const quantum = Math.min(left.quantum ?? 1, right.quantum ?? 1);
  const times = (of: Units): bigint => BigInt((of.quantum ?? 1) / quantum);
  return { units: binaryUnits(quantum), left: times(left), right: times(right) };
}

/** The units of a product; null when a decimal fraction meets a binary one. */
export function productUnits(left: Units, right: Units): Units | null {
  if (left.quantum === null && right.quantum === null) return { scale: left.scale + right.scale, quantum: null };
  if (left.scale > 0 || right.scale > 0) return null;
  return binaryUnits((left.quantum ?? 1) * (right.quantum ?? 1));
}

/** A number of units as people write it. */
export function unitsText(count: bigint, units: Units): string {
  return String(units.quantum === null ? Number(`${count}e-${units.scale}`) : Number(count) * units.quantum);
}

function binaryUnits(quantum: number): Units {
  return quantum === 1 ? wholeNumbers : { scale: 0, quantum };
}

function unitText(units: Units): string {
  if (units.quantum !== null) return `quanta of 2^${Math.log2(units.quantum)}`;
  return units.scale === 0 ? 'ones' : `units of 10^-${units.scale}`;
}

/** How many units a value is, rounded down, and whether nothing was lost. */
interface UnitCount {
  readonly floor: bigint;
  readonly exact: boolean;
}

function quanta(value: number, quantum: number): UnitCount {
  const quotient = value / quantum;
  // A quotient too large or too small for a double is no whole number of quanta either.
  if (!Number.isFinite(quotient)) return { floor: value < 0 ? -limit - 1n : limit + 1n, exact: false };
  return { floor: BigInt(Math.floor(quotient)), exact: Number.isInteger(quotient) && quotient * quantum === value };
}

function decimalUnits(value: number, scale: number): UnitCount {
  const { digits, scale: own } = decimalDigits(value);
  if (own <= scale) return { floor: digits * 10n ** BigInt(scale - own), exact: true };
  const divisor = 10n ** BigInt(own - scale);
  const rest = digits % divisor;
  return { floor: digits / divisor - (rest < 0n ? 1n : 0n), exact: rest === 0n };
}

/** The shortest decimal spelling of a double as digits * 10^-scale, without trailing zeros behind the point. */
function decimalDigits(value: number): { readonly digits: bigint; readonly scale: number } {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const digits = BigInt(`${sign ?? ''}${whole ?? '0'}${fraction}`);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}
