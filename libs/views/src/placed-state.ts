import type { FoldInput } from './component-state.ts';
import { PlacedValue } from './placed-value.ts';
import { SketchState } from './sketch-state.ts';

/** First or last value that is not null, by event time and, where that is the same, by position. */
export class PlacedState extends SketchState<PlacedValue> {
  private readonly last: boolean;
  private readonly isText: boolean;

  constructor(last: boolean, isText: boolean) {
    super();
    this.last = last;
    this.isText = isText;
  }

  fold({ count, slots, values, columns, rows, text }: FoldInput): void {
    const { eventTimes, offsets, partition } = columns;
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      const bytes = this.isText && text !== null ? text(columns, row) : null;
      const number = this.isText ? 0 : (values[i] ?? NaN);
      if (this.isText ? bytes === null : number !== number) continue;
      const held = this.sketch(slots[i] ?? 0);
      const time = (eventTimes[row] ?? 0) + 0;
      const offset = offsets[row] ?? 0;
      if (held.yieldsTo(time, partition, offset)) held.set(time, partition, offset, number, bytes?.slice() ?? null);
    }
  }

  protected create(): PlacedValue {
    return new PlacedValue(this.last, this.isText);
  }

  protected another(): PlacedState {
    return new PlacedState(this.last, this.isText);
  }
}
