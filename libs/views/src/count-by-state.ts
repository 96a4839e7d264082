import type { FoldInput } from './component-state.ts';
import { SketchState } from './sketch-state.ts';
import { ValueCounts } from './value-counts.ts';

/** Counts of the values that are not null, by value. */
export class CountByState extends SketchState<ValueCounts> {
  private readonly atMost: number;

  constructor(atMost: number) {
    super();
    this.atMost = atMost;
  }

  fold({ count, slots, columns, rows, value }: FoldInput): void {
    if (value === null) return;
    for (let i = 0; i < count; i++) {
      const text = value(columns, rows[i] ?? 0);
      if (text !== null) this.sketch(slots[i] ?? 0).add(text, 1);
    }
  }

  protected create(): ValueCounts {
    return new ValueCounts(this.atMost);
  }

  protected another(): CountByState {
    return new CountByState(this.atMost);
  }
}
