import type { FoldInput } from './component-state.ts';
import { DistinctSet } from './distinct-set.ts';
import { SketchState } from './sketch-state.ts';

/** Sets of the values that are not null. */
export class DistinctState extends SketchState<DistinctSet> {
  private readonly precision: number;

  constructor(precision: number) {
    super();
    this.precision = precision;
  }

  fold({ count, slots, hashes }: FoldInput): void {
    if (hashes === null) return;
    const { high, low } = hashes;
    for (let i = 0; i < count; i++) {
      const first = high[i] ?? -1;
      if (first >= 0) this.sketch(slots[i] ?? 0).add(first, low[i] ?? 0);
    }
  }

  protected create(): DistinctSet {
    return new DistinctSet(this.precision);
  }

  protected another(): DistinctState {
    return new DistinctState(this.precision);
  }
}
