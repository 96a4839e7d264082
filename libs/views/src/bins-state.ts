import { BinCounts } from './bin-counts.ts';
import type { FoldInput, SlotRanges } from './component-state.ts';
import { binOf } from './log-bins.ts';
import { SketchState } from './sketch-state.ts';

/** Counts of the values that are not null, by log-linear bin, or by the bins between the edges of a histogram. */
export class BinsState extends SketchState<BinCounts> {
  private readonly bits: number;
  /** Rising, in column units; null: the bins are log-linear. */
  private readonly edges: Float64Array | null;

  constructor(bits: number, edges: Float64Array | null = null) {
    super();
    this.bits = bits;
    this.edges = edges;
  }

  fold({ count, slots, values }: FoldInput): void {
    const { bits, edges } = this;
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? NaN;
      if (value === value) this.sketch(slots[i] ?? 0).add(edges === null ? binOf(value, bits) : binAmong(edges, value));
    }
  }

  /** Counts can be taken away again: each place is added once and subtracted once, however many ranges share it. */
  override slide({ order, starts, ends, rows }: SlotRanges): BinsState {
    const result = this.another();
    result.bind({ capacity: rows });
    let sum = this.create();
    let from = 0;
    let to = 0;
    for (let row = 0; row < rows; row++) {
      const start = starts[row] ?? 0;
      const end = ends[row] ?? 0;
      if (start >= to) {
        from = to = start;
        sum = this.create();
      }
      for (; to < end; to++) sum.merge(this.sketches[order[to] ?? 0] ?? nothing);
      for (; from < start; from++) sum.subtract(this.sketches[order[from] ?? 0] ?? nothing);
      result.sketches[row] = sum.copy();
    }
    return result;
  }

  protected create(): BinCounts {
    return new BinCounts(this.bits, this.edges?.length ?? -1);
  }

  protected another(): BinsState {
    return new BinsState(this.bits, this.edges);
  }
}

/** How many edges are at most the value. */
function binAmong(edges: Float64Array, value: number): number {
  let from = 0;
  let to = edges.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((edges[middle] ?? 0) <= value) from = middle + 1;
    else to = middle;
  }
  return from;
}

const nothing = new BinCounts(0);
