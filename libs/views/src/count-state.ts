import { columnMismatch } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { ComponentState, FoldInput, SlotRanges } from './component-state.ts';
import type { ComponentColumn } from './partials.ts';

/** Counts of events (`rows`), or of the values among them that are not null. */
export class CountState implements ComponentState {
  values = new Float64Array(0);
  private readonly all: boolean;

  constructor(all: boolean) {
    this.all = all;
  }

  grow(capacity: number): void {
    const values = new Float64Array(capacity);
    values.set(this.values);
    this.values = values;
  }

  clear(rows: number): void {
    this.values.fill(0, 0, rows);
  }

  fold({ count, slots, values }: FoldInput): void {
    const counts = this.values;
    if (this.all) {
      for (let i = 0; i < count; i++) {
        const slot = slots[i] ?? 0;
        counts[slot] = (counts[slot] ?? 0) + 1;
      }
      return;
    }
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (value !== value) continue;
      const slot = slots[i] ?? 0;
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
  }

  write(into: ChunkWriter, slot: number): void {
    into.varint(this.values[slot] ?? 0);
  }

  read(from: ChunkReader, slot: number): void {
    const value = from.varint();
    if (this.all && value === 0) throw from.damaged('has a partial of no event');
    this.values[slot] = (this.values[slot] ?? 0) + value;
  }

  skip(from: ChunkReader): void {
    from.skipVarint();
  }

  addColumn(column: ComponentColumn, rows: Int32Array, slots: Int32Array, count: number): void {
    if (column.kind !== 'count') throw columnMismatch('count', column.kind);
    const counts = this.values;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] ?? 0;
      counts[slot] = (counts[slot] ?? 0) + (column.values[rows[i] ?? 0] ?? 0);
    }
  }

  column(order: Int32Array): ComponentColumn {
    return { kind: 'count', values: Float64Array.from(order, (slot) => this.values[slot] ?? 0) };
  }

  slide({ order, starts, ends, rows }: SlotRanges): CountState {
    const result = new CountState(this.all);
    result.grow(rows);
    const counts = this.values;
    let from = 0;
    let to = 0;
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      const start = starts[row] ?? 0;
      const end = ends[row] ?? 0;
      if (start >= to) {
        from = to = start;
        sum = 0;
      }
      while (to < end) sum += counts[order[to++] ?? 0] ?? 0;
      while (from < start) sum -= counts[order[from++] ?? 0] ?? 0;
      result.values[row] = sum;
    }
    return result;
  }
}
