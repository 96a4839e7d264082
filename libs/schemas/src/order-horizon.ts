import { RecordClass, type Columns } from './columns.ts';
import { changeFields } from './define-upsert.ts';
import type { Stream } from './stream.ts';

/**
 * Duplicates of a change stream (E9, E26). Its operator emits in order, and nothing before everything earlier is in the
 * log: so what is repeated by an operator that was replaced without knowing it, or lands late, is told by its place. A
 * record is a duplicate if one of the same or a later (input offset, ordinal), not rejected, stands within the W offsets
 * before it. That holds for repetitions of any age, as long as no W of them follow one another.
 */
export class OrderHorizon {
  private readonly horizon: number;
  private readonly offsetField: number;
  private readonly ordinalField: number;
  /** Places that nothing behind them outranks, falling, and where they stand: the first is the highest of the horizon. */
  private places: number[] = [];
  private offsets: number[] = [];

  constructor(stream: Stream) {
    const indexOf = (name: string): number => stream.fields.findIndex((field) => field.name === name);
    this.horizon = stream.dedupeHorizon;
    this.offsetField = indexOf(changeFields.offset);
    this.ordinalField = indexOf(changeFields.ordinal);
  }

  mark(columns: Columns): void {
    const inputs = columns.fields[this.offsetField];
    const ordinals = columns.fields[this.ordinalField];
    if (inputs?.kind !== 'number' || ordinals?.kind !== 'number') return;
    for (let row = 0; row < columns.count; row++) {
      if (columns.classes[row] === RecordClass.rejected) continue;
      const at = columns.offsets[row] ?? 0;
      const place = (inputs.values[row] ?? 0) * 2 + (ordinals.values[row] ?? 0);
      if (this.take(at, place)) columns.classes[row] = RecordClass.duplicate;
    }
  }

  /** Is it a duplicate? Either way it stands in the log from now on. */
  private take(at: number, place: number): boolean {
    while (this.offsets.length > 0 && (this.offsets[0] ?? 0) < at - this.horizon) {
      this.offsets.shift();
      this.places.shift();
    }
    const repeated = this.places.length > 0 && (this.places[0] ?? 0) >= place;
    while (this.places.length > 0 && (this.places.at(-1) ?? 0) <= place) {
      this.places.pop();
      this.offsets.pop();
    }
    this.places.push(place);
    this.offsets.push(at);
    return repeated;
  }
}
