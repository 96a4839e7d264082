import type { NumberColumn } from '@twofold/schemas';
import { columnMismatch } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { FoldInput, PresenceState, SlotRanges, StatePlace } from './component-state.ts';
import { ownPlace } from './count-state.ts';
import type { ComponentColumn } from './partials.ts';

/**
 * In the shared array 0 says "no value yet", so that a fresh slot needs no filling; the value 0 is stored as the
 * smallest double above it, which compares with every other integer as 0 does.
 */
export const storedZero = Number.MIN_VALUE;

/** The extreme that there is, and a value that may be further: taken by number, since nobody can guess which it will be. */
const either = new Float64Array(2);

/** Least or greatest integer, if there was one. */
export class ExtremeState implements PresenceState {
  readonly width = 1;
  private readonly greatest: boolean;
  /** 0: none; `storedZero`: the value 0. */
  private data: Float64Array = new Float64Array(0);
  private stride = 1;
  private offset = 0;

  constructor(greatest: boolean) {
    this.greatest = greatest;
  }

  bind({ data, stride, offset }: StatePlace): void {
    this.data = data;
    this.stride = stride;
    this.offset = offset;
  }

  clear(): void {
    // All of it is in the shared array.
  }

  has(slot: number): boolean {
    return this.stored(slot) !== 0;
  }

  value(slot: number): number {
    const stored = this.stored(slot);
    return stored === storedZero ? 0 : stored;
  }

  fold(input: FoldInput): void {
    if (input.field === null) this.foldValues(input);
    else this.foldField(input, input.field);
  }

  private foldField({ count, slots, rows }: FoldInput, { values, valid }: NumberColumn): void {
    const { data, stride, offset, greatest } = this;
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      if (valid[row] !== 1) continue;
      const value = values[row] ?? 0;
      const at = (slots[i] ?? 0) * stride + offset;
      const extreme = data[at] ?? 0;
      const kept = value === 0 ? storedZero : value;
      either[0] = extreme;
      either[1] = kept;
      data[at] = either[Number(extreme === 0) | Number(greatest ? kept > extreme : kept < extreme)] ?? 0;
    }
  }

  private foldValues({ count, slots, values }: FoldInput): void {
    const { data, stride, offset, greatest } = this;
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? NaN;
      if (value !== value) continue;
      const at = (slots[i] ?? 0) * stride + offset;
      const extreme = data[at] ?? 0;
      const kept = value === 0 ? storedZero : value;
      either[0] = extreme;
      either[1] = kept;
      data[at] = either[Number(extreme === 0) | Number(greatest ? kept > extreme : kept < extreme)] ?? 0;
    }
  }

  write(into: ChunkWriter, slot: number): void {
    into.zigzag(this.value(slot));
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

  absorb(into: number, from: number): void {
    if (!this.has(from)) return;
    this.add(into, this.value(from));
    this.data[from * this.stride + this.offset] = 0;
  }

  column(order: Int32Array): ComponentColumn {
    return {
      kind: 'number',
      values: Float64Array.from(order, (slot) => this.value(slot)),
      valid: Uint8Array.from(order, (slot) => (this.has(slot) ? 1 : 0)),
    };
  }

  /** Extremes can not be subtracted: the candidates of each range are kept in a queue, best first. */
  slide({ order, starts, ends, rows }: SlotRanges): ExtremeState {
    const result = new ExtremeState(this.greatest);
    const data = new Float64Array(rows);
    result.bind(ownPlace(data));
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
        const stored = this.stored(order[to] ?? 0);
        if (stored === 0) continue;
        while (tail > head && this.wins(stored, this.stored(order[queue[tail - 1] ?? 0] ?? 0))) tail--;
        queue[tail++] = to;
      }
      while (head < tail && (queue[head] ?? 0) < start) head++;
      if (head < tail) data[row] = this.stored(order[queue[head] ?? 0] ?? 0);
    }
    return result;
  }

  private stored(slot: number): number {
    return this.data[slot * this.stride + this.offset] ?? 0;
  }

  private add(slot: number, value: number): void {
    const extreme = this.stored(slot);
    const kept = value === 0 ? storedZero : value;
    if (extreme === 0 || this.wins(kept, extreme)) this.data[slot * this.stride + this.offset] = kept;
  }

  private wins(a: number, b: number): boolean {
    return this.greatest ? a > b : a < b;
  }
}
