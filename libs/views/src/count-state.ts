import { columnMismatch } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { ComponentState, FoldInput, SlotRanges, StatePlace } from './component-state.ts';
import type { ComponentColumn } from './partials.ts';

/** Counts of events (`rows`), or of the values among them that are not null. */
export class CountState implements ComponentState {
  readonly width = 1;
  private readonly all: boolean;
  private data: Float64Array = new Float64Array(0);
  private stride = 1;
  private offset = 0;

  constructor(all: boolean) {
    this.all = all;
  }

  bind({ data, stride, offset }: StatePlace): void {
    this.data = data;
    this.stride = stride;
    this.offset = offset;
  }

  clear(): void {
    // All of it is in the shared array.
  }

  value(slot: number): number {
    return this.data[slot * this.stride + this.offset] ?? 0;
  }

  fold({ count, slots, values }: FoldInput): void {
    const { data, stride, offset } = this;
    if (this.all) {
      for (let i = 0; i < count; i++) {
        const at = (slots[i] ?? 0) * stride + offset;
        data[at] = (data[at] ?? 0) + 1;
      }
      return;
    }
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (value !== value) continue;
      const at = (slots[i] ?? 0) * stride + offset;
      data[at] = (data[at] ?? 0) + 1;
    }
  }

  write(into: ChunkWriter, slot: number): void {
    into.varint(this.value(slot));
  }

  read(from: ChunkReader, slot: number): void {
    const value = from.varint();
    if (this.all && value === 0) throw from.damaged('has a partial of no event');
    this.data[slot * this.stride + this.offset] = this.value(slot) + value;
  }

  skip(from: ChunkReader): void {
    from.skipVarint();
  }

  addColumn(column: ComponentColumn, rows: Int32Array, slots: Int32Array, count: number): void {
    if (column.kind !== 'count') throw columnMismatch('count', column.kind);
    const { data, stride, offset } = this;
    for (let i = 0; i < count; i++) {
      const at = (slots[i] ?? 0) * stride + offset;
      data[at] = (data[at] ?? 0) + (column.values[rows[i] ?? 0] ?? 0);
    }
  }

  absorb(into: number, from: number): void {
    const { data, stride, offset } = this;
    data[into * stride + offset] = this.value(into) + this.value(from);
    data[from * stride + offset] = 0;
  }

  column(order: Int32Array): ComponentColumn {
    return { kind: 'count', values: Float64Array.from(order, (slot) => this.value(slot)) };
  }

  slide({ order, starts, ends, rows }: SlotRanges): CountState {
    const result = new CountState(this.all);
    const data = new Float64Array(rows);
    result.bind(ownPlace(data));
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
      while (to < end) sum += this.value(order[to++] ?? 0);
      while (from < start) sum -= this.value(order[from++] ?? 0);
      data[row] = sum;
    }
    return result;
  }
}

/** A shared array that only one component of width 1 uses. */
export function ownPlace(data: Float64Array): StatePlace {
  return { data, stride: 1, offset: 0, capacity: data.length };
}
