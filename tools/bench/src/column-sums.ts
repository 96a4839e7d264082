import type { PartialColumns } from '@twofold/views';

/** Adds up columns of whole numbers exactly, whatever their order and however they come in pieces. */
export class ColumnSums {
  readonly #high: number[] = [];
  readonly #low: number[] = [];

  /** Adds a value of at most 2^53 to the sum of a column. */
  add(column: number, value: number): void {
    const high = Math.floor(value / PART);
    this.#high[column] = (this.#high[column] ?? 0) + high;
    this.#low[column] = (this.#low[column] ?? 0) + (value - high * PART);
  }

  addAll(column: number, values: Float64Array, count: number): void {
    for (let row = 0; row < count; row++) this.add(column, values[row] ?? 0);
  }

  addText(column: number, text: string | null): void {
    if (text === null) return;
    let hash = text.length;
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) >>> 0;
    this.add(column, hash);
  }

  /** One short name for all sums. */
  toString(): string {
    let all = 0n;
    for (const [i, high] of this.#high.entries())
      all = (all * 1_000_003n + BigInt(high) * BigInt(PART) + BigInt(this.#low[i] ?? 0)) & MASK;
    return all.toString(16).padStart(16, '0');
  }
}

const PART = 2 ** 26;
const MASK = (1n << 64n) - 1n;

/** Every column of partials: dimensions, panes, then components. Sums must be below 2^53, which the data sees to. */
export function addPartials(sums: ColumnSums, columns: PartialColumns): void {
  let at = 0;
  for (const dimension of columns.dimensions) {
    if (dimension.kind === 'text') for (const text of dimension.texts) sums.addText(at, text);
    else sums.addAll(at, dimension.values, columns.count);
    at++;
  }
  sums.addAll(at++, columns.panes, columns.count);
  for (const component of columns.components) {
    if (component.kind === 'text') for (const text of component.texts) sums.addText(at, text);
    else if (component.kind === 'sum')
      for (let row = 0; row < columns.count; row++) sums.add(at, Number(component.low[row] ?? 0n));
    else sums.addAll(at, component.values, columns.count);
    at++;
  }
}
