import { ChunkError } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { isBin } from './log-bins.ts';
import type { Sketch } from './sketch-state.ts';

/**
 * How many values lie in each bin, for those bins that have any: log-linear bins (`binOf`), or those between the edges of
 * a histogram, from 0 on.
 */
export class BinCounts implements Sketch<BinCounts> {
  readonly bits: number;
  /** Of a histogram, how many edges it has; -1: the bins are log-linear. */
  readonly edges: number;
  /** Bins that have a value. */
  size = 0;
  /** Values in all bins. */
  total = 0;
  /** Rising. */
  private bins = noBins;
  private counts = noCounts;

  constructor(bits: number, edges = -1) {
    this.bits = bits;
    this.edges = edges;
  }

  add(bin: number): void {
    this.total++;
    const { bins, counts, size } = this;
    let from = 0;
    let to = size;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((bins[middle] ?? 0) < bin) from = middle + 1;
      else to = middle;
    }
    if (from < size && bins[from] === bin) counts[from] = (counts[from] ?? 0) + 1;
    else this.insert(from, bin);
  }

  merge(other: BinCounts): void {
    if (other.size > 0) this.addSorted(other.bins, other.counts, other.size, 1);
  }

  /** Takes away what was added before. */
  subtract(other: BinCounts): void {
    if (other.size > 0) this.addSorted(other.bins, other.counts, other.size, -1);
  }

  copy(): BinCounts {
    const copy = new BinCounts(this.bits, this.edges);
    copy.bins = this.bins.slice(0, this.size);
    copy.counts = this.counts.slice(0, this.size);
    copy.size = this.size;
    copy.total = this.total;
    return copy;
  }

  /** The bin of the value of a rank from 1 to `total`, counted from the least. */
  binAt(rank: number): number {
    let below = 0;
    for (let i = 0; i < this.size; i++) {
      below += this.counts[i] ?? 0;
      if (below >= rank) return this.bins[i] ?? 0;
    }
    return 0;
  }

  /*
   * In a chunk: a varint, the number of bins that have a value; each, by rising bin: signed, the bin, for the first, and
   * a varint, how many bins were left out, for others; then a varint, the values in it.
   */
  write(into: ChunkWriter): void {
    const { bins, counts, size } = this;
    into.ensure(size * 16 + 16);
    into.varint(size);
    for (let i = 0; i < size; i++) {
      const bin = bins[i] ?? 0;
      if (i === 0) into.zigzag(bin);
      else into.varint(bin - (bins[i - 1] ?? 0) - 1);
      into.varint(counts[i] ?? 0);
    }
  }

  read(from: ChunkReader): void {
    const size = from.varint();
    if (size * 2 > from.end - from.at) throw from.damaged('ends too early');
    const bins = new Int32Array(size);
    const counts = new Float64Array(size);
    let bin = 0;
    for (let i = 0; i < size; i++) {
      bin = i === 0 ? from.zigzag() : bin + from.varint() + 1;
      const count = from.varint();
      if (!this.has(bin)) throw from.damaged('has a bin of no value');
      if (count === 0) throw from.damaged('has a bin without a value');
      bins[i] = bin;
      counts[i] = count;
    }
    this.addSorted(bins, counts, size, 1);
  }

  /** `bin:count` of those that have a value, by rising bin, with commas between. */
  text(): string {
    return Array.from({ length: this.size }, (_, i) => `${this.bins[i] ?? 0}:${this.counts[i] ?? 0}`).join(',');
  }

  addText(text: string): void {
    if (text === '') return;
    const entries = text.split(',');
    const bins = new Int32Array(entries.length);
    const counts = new Float64Array(entries.length);
    let last = -Infinity;
    for (const [i, entry] of entries.entries()) {
      const colon = entry.indexOf(':');
      const bin = Number(entry.slice(0, colon));
      const count = Number(entry.slice(colon + 1));
      const right = colon > 0 && bin > last && this.has(bin) && Number.isSafeInteger(count) && count > 0;
      if (!right) throw new ChunkError('COLUMNS_INVALID', `'${text.slice(0, 40)}' is no list of bins and counts.`);
      bins[i] = last = bin;
      counts[i] = count;
    }
    this.addSorted(bins, counts, entries.length, 1);
  }

  /** How many values lie in a bin. */
  countOf(bin: number): number {
    const place = this.bins.indexOf(bin);
    return place >= 0 && place < this.size ? (this.counts[place] ?? 0) : 0;
  }

  private has(bin: number): boolean {
    if (this.edges < 0) return isBin(bin, this.bits);
    return Number.isInteger(bin) && bin >= 0 && bin <= this.edges;
  }

  private insert(place: number, bin: number): void {
    if (this.bins.length === this.size) {
      const bins = new Int32Array(Math.max(4, this.size * 2));
      bins.set(this.bins);
      this.bins = bins;
      const counts = new Float64Array(bins.length);
      counts.set(this.counts);
      this.counts = counts;
    }
    this.bins.copyWithin(place + 1, place, this.size);
    this.counts.copyWithin(place + 1, place, this.size);
    this.bins[place] = bin;
    this.counts[place] = 1;
    this.size++;
  }

  /** Rising bins, each once; those that are left without a value are dropped. */
  private addSorted(bins: Int32Array, counts: Float64Array, size: number, sign: 1 | -1): void {
    const { bins: mine, counts: held } = this;
    const allBins = new Int32Array(this.size + size);
    const allCounts = new Float64Array(this.size + size);
    let [i, k, all] = [0, 0, 0];
    while (i < this.size || k < size) {
      const a = i < this.size ? (mine[i] ?? 0) : Infinity;
      const b = k < size ? (bins[k] ?? 0) : Infinity;
      let count = 0;
      if (a <= b) count += held[i++] ?? 0;
      if (b <= a) {
        const change = sign * (counts[k++] ?? 0);
        count += change;
        this.total += change;
      }
      if (count === 0) continue;
      allBins[all] = Math.min(a, b);
      allCounts[all++] = count;
    }
    this.bins = allBins;
    this.counts = allCounts;
    this.size = all;
  }
}

const noBins = new Int32Array(0);
const noCounts = new Float64Array(0);
