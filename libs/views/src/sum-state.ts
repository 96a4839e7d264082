import { ChunkError, columnMismatch } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { ComponentState, FoldInput, SlotRanges } from './component-state.ts';
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
  low = new Float64Array(0);
  mid = new Float64Array(0);
  top = new Float64Array(0);
  private readonly squares: boolean;

  constructor(squares: boolean) {
    this.squares = squares;
  }

  grow(capacity: number): void {
    this.low = widened(this.low, capacity);
    this.mid = widened(this.mid, capacity);
    this.top = widened(this.top, capacity);
  }

  clear(rows: number): void {
    this.low.fill(0, 0, rows);
    this.mid.fill(0, 0, rows);
    this.top.fill(0, 0, rows);
  }

  fold(input: FoldInput): void {
    if (this.squares) this.foldSquares(input);
    else this.foldValues(input);
  }

  write(into: ChunkWriter, slot: number): void {
    into.sum(this.low[slot] ?? 0, this.mid[slot] ?? 0, this.top[slot] ?? 0);
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
    result.grow(rows + 1);
    // The last slot is the running sum.
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
      result.set(row, result.low[rows] ?? 0, result.mid[rows] ?? 0, result.top[rows] ?? 0);
    }
    return result;
  }

  value(slot: number): bigint {
    return digitsToBigInt(this.low[slot] ?? 0, this.mid[slot] ?? 0, this.top[slot] ?? 0);
  }

  private set(slot: number, low: number, mid: number, top: number): void {
    this.low[slot] = low;
    this.mid[slot] = mid;
    this.top[slot] = top;
  }

  private addTo(into: SumState, slot: number, from: number, sign: number): void {
    into.add(slot, sign * (this.low[from] ?? 0), sign * (this.mid[from] ?? 0), sign * (this.top[from] ?? 0));
  }

  /** Adds digits, each below 2^52 in size. */
  private add(slot: number, low: number, mid: number, top: number): void {
    let lowest = (this.low[slot] ?? 0) + low;
    if (lowest >= digit || lowest <= -digit) {
      const carry = lowest > 0 ? 1 : -1;
      lowest -= carry * digit;
      this.carry(slot, carry);
    }
    this.low[slot] = lowest;
    if (mid !== 0) this.carry(slot, mid);
    if (top !== 0) this.top[slot] = (this.top[slot] ?? 0) + top;
  }

  private carry(slot: number, amount: number): void {
    const mid = (this.mid[slot] ?? 0) + amount;
    const carry = Math.trunc(mid / digit);
    this.mid[slot] = mid - carry * digit;
    if (carry !== 0) this.top[slot] = (this.top[slot] ?? 0) + carry;
  }

  private foldValues({ count, slots, values }: FoldInput): void {
    const { low } = this;
    for (let i = 0; i < count; i++) {
      let value = values[i] ?? 0;
      if (value !== value) continue;
      const slot = slots[i] ?? 0;
      if (value >= digit || value <= -digit) {
        const carry = Math.trunc(value / digit);
        this.carry(slot, carry);
        value -= carry * digit;
      }
      const sum = (low[slot] ?? 0) + value;
      if (sum < digit && sum > -digit) low[slot] = sum;
      else this.spill(slot, sum);
    }
  }

  /** x = a·2^26 + b, so x² = a²·2^52 + 2ab·2^26 + b²; the middle term is split at 2^52. */
  private foldSquares({ count, slots, values }: FoldInput): void {
    const { low } = this;
    for (let i = 0; i < count; i++) {
      const value = Math.abs(values[i] ?? 0);
      if (value !== value) continue;
      const slot = slots[i] ?? 0;
      if (value < half) {
        const sum = (low[slot] ?? 0) + value * value;
        if (sum < digit) low[slot] = sum;
        else this.spill(slot, sum);
        continue;
      }
      if (value > squareLimit) throw overflow();
      const a = Math.floor(value / half);
      const b = value - a * half;
      const middle = 2 * a * b;
      const carry = Math.floor(middle / half);
      this.add(slot, b * b, 0, 0);
      this.add(slot, (middle - carry * half) * half, a * a + carry, 0);
    }
  }

  private spill(slot: number, sum: number): void {
    const carry = sum > 0 ? 1 : -1;
    this.low[slot] = sum - carry * digit;
    this.carry(slot, carry);
  }
}

function overflow(): ChunkError {
  return new ChunkError(
    'SUM_OVERFLOW',
    'A sum leaves 128 bits, or a square its bound. Bound the field with .between().',
  );
}

function widened(from: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const into = new Float64Array(capacity);
  into.set(from);
  return into;
}
