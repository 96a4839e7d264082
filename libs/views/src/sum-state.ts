import type { NumberColumn } from '@twofold/schemas';
import { ChunkError, columnMismatch } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { ComponentState, FoldInput, SlotRanges, StatePlace } from './component-state.ts';
import { digit, digitsToBigInt, wordsToDigits } from './int128.ts';
import type { ComponentColumn } from './partials.ts';

const half = 2 ** 26;
/** Squares are exact up to here (engines.md, bound rule); a view refuses wider fields. */
const squareLimit = 2 ** 43;

/**
 * Exact sums of integers (|x| <= 2^53), or of their squares (|x| <= 2^43), in digits of 2^52 (see `int128.ts`).
 * Every sum and product below is of integers under 2^53, so no double rounds.
 */
export class SumState implements ComponentState {
  readonly width = 1;
  private readonly squares: boolean;
  /** The low digits. */
  private data: Float64Array = new Float64Array(0);
  private stride = 1;
  private offset = 0;
  private capacity = 0;
  /** Middle and top digit of each slot; few views ever need them. */
  private higher: Float64Array | null = null;

  constructor(squares: boolean) {
    this.squares = squares;
  }

  bind({ data, stride, offset, capacity }: StatePlace): void {
    this.data = data;
    this.stride = stride;
    this.offset = offset;
    this.capacity = capacity;
    if (this.higher === null) return;
    const higher = new Float64Array(capacity * 2);
    higher.set(this.higher);
    this.higher = higher;
  }

  clear(rows: number): void {
    this.higher?.fill(0, 0, rows * 2);
  }

  /** Does any slot have more than its low digit? */
  get wide(): boolean {
    return this.higher !== null;
  }

  low(slot: number): number {
    return this.data[slot * this.stride + this.offset] ?? 0;
  }

  mid(slot: number): number {
    return this.higher === null ? 0 : (this.higher[slot * 2] ?? 0);
  }

  top(slot: number): number {
    return this.higher === null ? 0 : (this.higher[slot * 2 + 1] ?? 0);
  }

  fold(input: FoldInput): void {
    if (input.field !== null) this.foldField(input, input.field);
    else if (this.squares) this.foldSquares(input);
    else this.foldValues(input);
  }

  write(into: ChunkWriter, slot: number): void {
    if (this.higher === null) into.zigzag(this.low(slot));
    else into.sum(this.low(slot), this.mid(slot), this.top(slot));
  }

  read(from: ChunkReader, slot: number): void {
    from.sum();
    this.add(slot, from.low, from.mid, from.top);
  }

  skip(from: ChunkReader): void {
    from.skipVarint();
  }

  addColumn(column: ComponentColumn, rows: Int32Array, slots: Int32Array, count: number): void {
    if (column.kind !== 'sum') throw columnMismatch('sum', column.kind);
    const low = new Uint32Array(column.low.buffer, column.low.byteOffset, column.low.length * 2);
    const high = new Uint32Array(column.high.buffer, column.high.byteOffset, column.high.length * 2);
    const digits = new Float64Array(3);
    for (let i = 0; i < count; i++) {
      wordsToDigits(low, high, rows[i] ?? 0, digits);
      this.add(slots[i] ?? 0, digits[0] ?? 0, digits[1] ?? 0, digits[2] ?? 0);
    }
  }

  absorb(into: number, from: number): void {
    this.addTo(this, into, from, 1);
    this.set(from, 0, 0, 0);
  }

  column(order: Int32Array): ComponentColumn {
    const low = new BigUint64Array(order.length);
    const high = new BigInt64Array(order.length);
    order.forEach((slot, row) => {
      const value = this.value(slot);
      if (BigInt.asIntN(128, value) !== value) throw overflow();
      low[row] = BigInt.asUintN(64, value);
      high[row] = value >> 64n;
    });
    return { kind: 'sum', low, high };
  }

  slide({ order, starts, ends, rows }: SlotRanges): SumState {
    const result = new SumState(this.squares);
    // The last slot is the running sum.
    result.bind({ data: new Float64Array(rows + 1), stride: 1, offset: 0, capacity: rows + 1 });
    let from = 0;
    let to = 0;
    for (let row = 0; row < rows; row++) {
      const start = starts[row] ?? 0;
      const end = ends[row] ?? 0;
      if (start >= to) {
        from = to = start;
        result.set(rows, 0, 0, 0);
      }
      for (; to < end; to++) this.addTo(result, rows, order[to] ?? 0, 1);
      for (; from < start; from++) this.addTo(result, rows, order[from] ?? 0, -1);
      result.set(row, result.low(rows), result.mid(rows), result.top(rows));
    }
    return result;
  }

  value(slot: number): bigint {
    return digitsToBigInt(this.low(slot), this.mid(slot), this.top(slot));
  }

  /** This minus another, in slots of its own below `rows`. */
  less(other: SumState, rows: number): SumState {
    const result = new SumState(this.squares);
    result.bind({ data: new Float64Array(rows), stride: 1, offset: 0, capacity: rows });
    for (let slot = 0; slot < rows; slot++) {
      this.addTo(result, slot, slot, 1);
      other.addTo(result, slot, slot, -1);
    }
    return result;
  }

  private set(slot: number, low: number, mid: number, top: number): void {
    this.data[slot * this.stride + this.offset] = low;
    if (this.higher === null && mid === 0 && top === 0) return;
    const higher = this.allDigits();
    higher[slot * 2] = mid;
    higher[slot * 2 + 1] = top;
  }

  private addTo(into: SumState, slot: number, from: number, sign: number): void {
    into.add(slot, sign * this.low(from), sign * this.mid(from), sign * this.top(from));
  }

  /** Adds digits, each below 2^52 in size. */
  private add(slot: number, low: number, mid: number, top: number): void {
    const at = slot * this.stride + this.offset;
    const sum = (this.data[at] ?? 0) + low;
    if (sum < digit && sum > -digit) this.data[at] = sum;
    else this.spill(slot, sum);
    if (mid !== 0) this.carry(slot, mid);
    if (top !== 0) {
      const higher = this.allDigits();
      higher[slot * 2 + 1] = (higher[slot * 2 + 1] ?? 0) + top;
    }
  }

  private carry(slot: number, amount: number): void {
    const higher = this.allDigits();
    const mid = (higher[slot * 2] ?? 0) + amount;
    const carry = Math.trunc(mid / digit);
    higher[slot * 2] = mid - carry * digit;
    if (carry !== 0) higher[slot * 2 + 1] = (higher[slot * 2 + 1] ?? 0) + carry;
  }

  /** `sum` is below 2^53 in size. */
  private spill(slot: number, sum: number): void {
    const carry = sum > 0 ? 1 : -1;
    this.data[slot * this.stride + this.offset] = sum - carry * digit;
    this.carry(slot, carry);
  }

  private allDigits(): Float64Array {
    return (this.higher ??= new Float64Array(this.capacity * 2));
  }

  private foldValues({ count, slots, values }: FoldInput): void {
    const { data, stride, offset } = this;
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? NaN;
      if (value !== value) continue;
      const slot = slots[i] ?? 0;
      const at = slot * stride + offset;
      const sum = (data[at] ?? 0) + value;
      if (value < digit && value > -digit && sum < digit && sum > -digit) data[at] = sum;
      else this.addWide(slot, value);
    }
  }

  /** Beside `foldValues`, since a loop over both kinds of places would cost as much as the copy that it saves. */
  private foldField({ count, slots, rows }: FoldInput, { values, valid }: NumberColumn): void {
    const { data, stride, offset } = this;
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      if (valid[row] !== 1) continue;
      const value = values[row] ?? 0;
      const slot = slots[i] ?? 0;
      const at = slot * stride + offset;
      const sum = (data[at] ?? 0) + value;
      if (value < digit && value > -digit && sum < digit && sum > -digit) data[at] = sum;
      else this.addWide(slot, value);
    }
  }

  private addWide(slot: number, value: number): void {
    const carry = Math.trunc(value / digit);
    this.add(slot, value - carry * digit, carry, 0);
  }

  /** x = a·2^26 + b, so x² = a²·2^52 + 2ab·2^26 + b²; the middle term is split at 2^52. */
  private foldSquares({ count, slots, values }: FoldInput): void {
    const { data, stride, offset } = this;
    for (let i = 0; i < count; i++) {
      const value = Math.abs(values[i] ?? NaN);
      if (value !== value) continue;
      const slot = slots[i] ?? 0;
      const at = slot * stride + offset;
      const sum = (data[at] ?? 0) + value * value;
      if (value < half && sum < digit) data[at] = sum;
      else this.addSquare(slot, value);
    }
  }

  private addSquare(slot: number, value: number): void {
    if (value > squareLimit) throw overflow();
    const a = Math.floor(value / half);
    const b = value - a * half;
    const middle = 2 * a * b;
    const carry = Math.floor(middle / half);
    this.add(slot, b * b, 0, 0);
    this.add(slot, (middle - carry * half) * half, a * a + carry, 0);
  }
}

function overflow(): ChunkError {
  return new ChunkError(
    'SUM_OVERFLOW',
    'A sum leaves 128 bits, or a square its bound. Bound the field with .between().',
  );
}
