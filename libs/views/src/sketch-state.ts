import { columnMismatch } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { ComponentState, FoldInput, SlotRanges, StatePlace } from './component-state.ts';
import type { ComponentColumn } from './partials.ts';

/** What one slot holds when it is no number: a value of a commutative monoid that grows, with canonical forms. */
export interface Sketch<S> {
  merge(other: S): void;
  write(into: ChunkWriter): void;
  /** Adds what `write` wrote. */
  read(from: ChunkReader): void;
  /** Equal values have equal texts, in every engine. */
  text(): string;
  /** Adds what `text` gave. Throws `COLUMNS_INVALID`. */
  addText(text: string): void;
}

/** A component whose slots are sketches; a slot without one holds the empty one. */
export abstract class SketchState<S extends Sketch<S>> implements ComponentState {
  readonly width = 0;
  protected sketches: (S | null)[] = [];

  protected abstract create(): S;
  /** A state of the same kind. */
  protected abstract another(): SketchState<S>;
  abstract fold(input: FoldInput): void;

  bind({ capacity }: Pick<StatePlace, 'capacity'>): void {
    while (this.sketches.length < capacity) this.sketches.push(null);
  }

  clear(rows: number): void {
    this.sketches.fill(null, 0, rows);
  }

  sketch(slot: number): S {
    const found = this.sketches[slot] ?? null;
    if (found !== null) return found;
    const fresh = this.create();
    this.sketches[slot] = fresh;
    return fresh;
  }

  write(into: ChunkWriter, slot: number): void {
    (this.sketches[slot] ?? this.create()).write(into);
  }

  read(from: ChunkReader, slot: number): void {
    this.sketch(slot).read(from);
  }

  skip(from: ChunkReader): void {
    this.create().read(from);
  }

  addColumn(column: ComponentColumn, rows: Int32Array, slots: Int32Array, count: number): void {
    if (column.kind !== 'text') throw columnMismatch('text', column.kind);
    for (let i = 0; i < count; i++) {
      const text = column.texts[rows[i] ?? 0] ?? null;
      if (text !== null) this.sketch(slots[i] ?? 0).addText(text);
    }
  }

  absorb(into: number, from: number): void {
    this.addTo(this.sketch(into), from);
    this.sketches[from] = null;
  }

  column(order: Int32Array): ComponentColumn {
    return { kind: 'text', texts: Array.from(order, (slot) => (this.sketches[slot] ?? this.create()).text()) };
  }

  /**
   * Sketches are merged only, never subtracted: the places of a range are split at `middle`. Before it the sum from
   * each place up to it is kept; behind it there is one sum that grows. So each place is merged about three times,
   * however many ranges share it.
   */
  slide({ order, starts, ends, rows }: SlotRanges): SketchState<S> {
    const result = this.another();
    result.bind({ capacity: rows });
    let first = 0;
    let middle = 0;
    let to = 0;
    let before: S[] = [];
    let behind = this.create();
    for (let row = 0; row < rows; row++) {
      const start = starts[row] ?? 0;
      const end = ends[row] ?? 0;
      if (start >= middle) {
        before = this.sumsUpTo(order, start, end);
        first = start;
        middle = to = end;
        behind = this.create();
      }
      for (; to < end; to++) this.addTo(behind, order[to] ?? 0);
      const sum = result.sketch(row);
      const kept = before[start - first];
      if (kept !== undefined) sum.merge(kept);
      sum.merge(behind);
    }
    return result;
  }

  /** Of each place of `[start, end)`, the sum from there to the end. */
  private sumsUpTo(order: Int32Array, start: number, end: number): S[] {
    const sums: S[] = [];
    for (let place = end - 1; place >= start; place--) {
      const sum = this.create();
      const next = sums.at(-1);
      if (next !== undefined) sum.merge(next);
      this.addTo(sum, order[place] ?? 0);
      sums.push(sum);
    }
    return sums.reverse();
  }

  private addTo(sum: S, slot: number): void {
    const found = this.sketches[slot] ?? null;
    if (found !== null) sum.merge(found);
  }
}
