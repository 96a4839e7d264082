import { columnMismatch } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { FoldInput, PresenceState, SlotRanges } from './component-state.ts';
import type { ComponentColumn } from './partials.ts';

/** Least or greatest integer; NaN where there was none. */
export class ExtremeState implements PresenceState {
  values = new Float64Array(0);
  private readonly greatest: boolean;

  constructor(greatest: boolean) {
    this.greatest = greatest;
  }

  grow(capacity: number): void {
    const values = new Float64Array(capacity).fill(NaN);
    values.set(this.values);
    this.values = values;
  }

  clear(rows: number): void {
    this.values.fill(NaN, 0, rows);
  }

  has(slot: number): boolean {
    const value = this.values[slot];
    return value === value;
  }

  /** `!(a >= x)` also holds where the slot is still NaN. */
  fold({ count, slots, values }: FoldInput): void {
    const extremes = this.values;
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? NaN;
      if (value !== value) continue;
      const slot = slots[i] ?? 0;
      const extreme = extremes[slot] ?? NaN;
      if (this.greatest ? !(extreme >= value) : !(extreme <= value)) extremes[slot] = value;
    }
  }

  write(into: ChunkWriter, slot: number): void {
    into.zigzag(this.values[slot] ?? 0);
  }

  read(from: ChunkReader, slot: number): void {
    this.add(slot, from.zigzag());
  }

  skip(from: ChunkReader): void {
    from.skipVarint();
  }

  addColumn(column: ComponentColumn, rows: Int32Array, slots: Int32Array, count: number): void {
    if (column.kind !== 'number') throw columnMismatch('number', column.kind);
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      if (column.valid[row] === 1) this.add(slots[i] ?? 0, (column.values[row] ?? 0) + 0);
    }
  }

  column(order: Int32Array): ComponentColumn {
    return {
      kind: 'number',
      values: Float64Array.from(order, (slot) => (this.has(slot) ? (this.values[slot] ?? 0) : 0)),
      valid: Uint8Array.from(order, (slot) => (this.has(slot) ? 1 : 0)),
    };
  }

  /** Extremes can not be subtracted: the candidates of each range are kept in a queue, best first. */
  slide({ order, starts, ends, rows }: SlotRanges): ExtremeState {
    const result = new ExtremeState(this.greatest);
    result.grow(rows);
    const values = this.values;
    const queue = new Int32Array(order.length);
    let head = 0;
    let tail = 0;
    let to = 0;
    for (let row = 0; row < rows; row++) {
      const start = starts[row] ?? 0;
      if (start >= to) {
        to = start;
        head = tail = 0;
      }
      for (; to < (ends[row] ?? 0); to++) {
        const value = values[order[to] ?? 0] ?? NaN;
        if (value !== value) continue;
        while (tail > head && !this.beats(values[order[queue[tail - 1] ?? 0] ?? 0] ?? NaN, value)) tail--;
        queue[tail++] = to;
      }
      while (head < tail && (queue[head] ?? 0) < start) head++;
      if (head < tail) result.values[row] = values[order[queue[head] ?? 0] ?? 0] ?? NaN;
    }
    return result;
  }

  private add(slot: number, value: number): void {
    if (!this.beats(this.values[slot] ?? NaN, value)) this.values[slot] = value;
  }

  private beats(a: number, b: number): boolean {
    return this.greatest ? a >= b : a <= b;
  }
}
