import { columnMismatch } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { FoldInput, PresenceState, SlotRanges, StatePlace } from './component-state.ts';
import { compareKeys } from './key.ts';
import type { ComponentColumn } from './partials.ts';

/** First or last text by code point, which is the order of the UTF-8 bytes; null where there was none. */
export class TextExtremeState implements PresenceState {
  readonly width = 0;
  values: (Uint8Array | null)[] = [];
  private readonly greatest: boolean;

  constructor(greatest: boolean) {
    this.greatest = greatest;
  }

  bind({ capacity }: Pick<StatePlace, 'capacity'>): void {
    while (this.values.length < capacity) this.values.push(null);
  }

  clear(rows: number): void {
    this.values.fill(null, 0, rows);
  }

  has(slot: number): boolean {
    return (this.values[slot] ?? null) !== null;
  }

  text(slot: number): string | null {
    const bytes = this.values[slot] ?? null;
    return bytes === null ? null : textDecoder.decode(bytes);
  }

  fold({ count, slots, columns, rows, text }: FoldInput): void {
    if (text === null) return;
    for (let i = 0; i < count; i++) {
      const bytes = text(columns, rows[i] ?? 0);
      const slot = slots[i] ?? 0;
      if (bytes !== null && !this.beats(this.values[slot] ?? null, bytes)) this.values[slot] = bytes.slice();
    }
  }

  write(into: ChunkWriter, slot: number): void {
    const bytes = this.values[slot] ?? empty;
    into.ensure(bytes.length + 10);
    into.varint(bytes.length);
    into.raw(bytes, 0, bytes.length);
  }

  read(from: ChunkReader, slot: number): void {
    const length = from.varint();
    const start = from.skip(length);
    const bytes = from.bytes.subarray(start, start + length);
    if (!this.beats(this.values[slot] ?? null, bytes)) {
      if (!isUtf8(bytes)) throw from.damaged('has a text that is no UTF-8');
      this.values[slot] = bytes.slice();
    }
  }

  skip(from: ChunkReader): void {
    from.skip(from.varint());
  }

  addColumn(column: ComponentColumn, rows: Int32Array, slots: Int32Array, count: number): void {
    if (column.kind !== 'text') throw columnMismatch('text', column.kind);
    for (let i = 0; i < count; i++) {
      const text = column.texts[rows[i] ?? 0] ?? null;
      const slot = slots[i] ?? 0;
      if (text === null) continue;
      const bytes = textEncoder.encode(text);
      if (!this.beats(this.values[slot] ?? null, bytes)) this.values[slot] = bytes;
    }
  }

  absorb(into: number, from: number): void {
    const bytes = this.values[from] ?? null;
    if (bytes !== null && !this.beats(this.values[into] ?? null, bytes)) this.values[into] = bytes;
    this.values[from] = null;
  }

  column(order: Int32Array): ComponentColumn {
    return { kind: 'text', texts: Array.from(order, (slot) => this.text(slot)) };
  }

  slide({ order, starts, ends, rows }: SlotRanges): TextExtremeState {
    const result = new TextExtremeState(this.greatest);
    result.bind({ capacity: rows });
    let queue: number[] = [];
    let to = 0;
    for (let row = 0; row < rows; row++) {
      const start = starts[row] ?? 0;
      if (start >= to) {
        to = start;
        queue = [];
      }
      for (; to < (ends[row] ?? 0); to++) {
        const bytes = this.at(order, to);
        if (bytes === null) continue;
        while (queue.length > 0 && !this.beats(this.at(order, queue.at(-1) ?? 0), bytes)) queue.pop();
        queue.push(to);
      }
      while (queue.length > 0 && (queue[0] ?? 0) < start) queue.shift();
      const best = queue[0];
      result.values[row] = best === undefined ? null : this.at(order, best);
    }
    return result;
  }

  private at(order: Int32Array, place: number): Uint8Array | null {
    return this.values[order[place] ?? 0] ?? null;
  }

  private beats(a: Uint8Array | null, b: Uint8Array): boolean {
    return a !== null && (this.greatest ? compareKeys(a, b) >= 0 : compareKeys(a, b) <= 0);
  }
}

const empty = new Uint8Array(0);
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictDecoder = new TextDecoder('utf-8', { fatal: true });

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictDecoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
