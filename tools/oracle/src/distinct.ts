import { createHash } from 'node:crypto';

/** The text of a set of values as partials have it: the hashes while they are few, else the registers above 0. */
export function distinctText(values: ReadonlySet<string>, precision: number): string {
  return hashesText(hashesOf(values), precision);
}

/** The same from the hashes of the values, each once, rising. */
export function hashesText(hashes: readonly bigint[], precision: number): string {
  if (hashes.length <= 2 ** precision / 8)
    return `e${hashes.map((hash) => hash.toString(16).padStart(15, '0')).join('')}`;
  const registers = registersOf(hashes, precision);
  return `r${registers.flatMap((register, index) => (register > 0 ? [index * 64 + register] : [])).join(',')}`;
}

/**
 * How many values a set has: the number of values while its hashes are few, else Ertl's estimate, written as the sums
 * of his paper and not as his loops.
 */
export function distinctNumber(values: ReadonlySet<string>, precision: number): number {
  if (values.size <= 2 ** precision / 8) return values.size;
  const registers = registersOf(hashesOf(values), precision);
  const all = registers.length;
  const last = 61 - precision;
  const part = (value: number): number => registers.filter((register) => register === value).length / all;
  // Behind the 60th no term is left of either series.
  const terms = Array.from({ length: 60 }, (_, i) => i + 1);
  const [empty, full] = [part(0), part(last)];
  const sigma = empty + sum(terms.map((k) => empty ** (2 ** k) * 2 ** (k - 1)));
  const tau = (full - sum(terms.map((k) => (1 - (1 - full) ** (2 ** -k)) ** 2 * 2 ** -k))) / 3;
  const middle = sum(registers.filter((register) => register > 0 && register < last).map((register) => 2 ** -register));
  const harmonic = all * sigma + middle + all * tau * 2 ** (1 - last);
  return Math.round(all ** 2 / (2 * Math.log(2) * harmonic));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduceRight((total, value) => total + value, 0);
}

/** Of each index of `precision` bits, the most trailing zeros of the 60 - precision bits behind it, plus one. */
function registersOf(hashes: readonly bigint[], precision: number): number[] {
  const registers = new Array<number>(2 ** precision).fill(0);
  const rest = BigInt(60 - precision);
  for (const hash of hashes) {
    const index = Number(hash >> rest);
    let zeros = 0n;
    while (zeros < rest && ((hash >> zeros) & 1n) === 0n) zeros++;
    registers[index] = Math.max(registers[index] ?? 0, Number(zeros) + 1);
  }
  return registers;
}

/** The first 60 bits of the md5 of each text, each once, rising. */
function hashesOf(values: ReadonlySet<string>): bigint[] {
  const hashes = [...values].map((text) => BigInt(`0x${createHash('md5').update(text, 'utf8').digest('hex')}`) >> 68n);
  return [...new Set(hashes)].sort((a, b) => (a < b ? -1 : 1));
}
