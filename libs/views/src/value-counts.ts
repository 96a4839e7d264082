import { ChunkError } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { compareCodePoints } from './evaluate-text.ts';
import type { Sketch } from './sketch-state.ts';
import { isUtf8 } from './text-extreme-state.ts';

/**
 * How many events have each value, while there are at most so many values; with one more only how many events have any.
 * Either is a function of the values alone, so that order and grouping do not matter. Values are canonical texts: texts
 * as they are, numbers in column units.
 */
export class ValueCounts implements Sketch<ValueCounts> {
  readonly atMost: number;
  /** Null: there were more values than are counted. */
  counts: Map<string, number> | null = new Map<string, number>();
  total = 0;

  constructor(atMost: number) {
    this.atMost = atMost;
  }

  add(value: string, times: number): void {
    this.total += times;
    const { counts } = this;
    if (counts === null) return;
    counts.set(value, (counts.get(value) ?? 0) + times);
    if (counts.size > this.atMost) this.counts = null;
  }

  merge(other: ValueCounts): void {
    if (other.counts === null) this.overflow(other.total);
    else for (const [value, times] of other.counts) this.add(value, times);
  }

  /*
   * In a chunk: a varint, one more than the values that are counted, or 0 when there were too many. Of each value by
   * code points: length and UTF-8, then a varint, its events. Of too many: a varint, the events of all.
   */
  write(into: ChunkWriter): void {
    into.ensure(30);
    if (this.counts === null) {
      into.varint(0);
      into.varint(this.total);
      return;
    }
    into.varint(this.counts.size + 1);
    for (const [value, times] of this.sorted()) {
      const bytes = encoder.encode(value);
      into.ensure(bytes.length + 20);
      into.varint(bytes.length);
      into.raw(bytes, 0, bytes.length);
      into.varint(times);
    }
  }

  read(from: ChunkReader): void {
    const head = from.varint();
    if (head === 0) {
      const total = from.varint();
      if (total <= this.atMost) throw from.damaged('has fewer events than values');
      this.overflow(total);
      return;
    }
    if (head - 1 > this.atMost) throw from.damaged('counts more values than it may');
    let before: string | null = null;
    for (let i = 1; i < head; i++) {
      const length = from.varint();
      const start = from.skip(length);
      const bytes = from.bytes.subarray(start, start + length);
      if (!isUtf8(bytes)) throw from.damaged('has a text that is no UTF-8');
      const value = decoder.decode(bytes);
      const times = from.varint();
      if (times === 0 || (before !== null && compareCodePoints(before, value) >= 0))
        throw from.damaged('has counted values out of order');
      this.add(value, times);
      before = value;
    }
  }

  /** `=`, then `events:length:value` of each; or `+` and the events of all. Lengths are of code points. */
  text(): string {
    if (this.counts === null) return `+${this.total}`;
    return `=${this.sorted()
      .map(([value, times]) => `${times}:${[...value].length}:${value}`)
      .join('')}`;
  }

  addText(text: string): void {
    const wrong = (): ChunkError =>
      new ChunkError('COLUMNS_INVALID', `'${text.slice(0, 40)}' is no list of counted values.`);
    if (text.startsWith('+')) {
      const total = Number(text.slice(1));
      if (!(Number.isSafeInteger(total) && total > this.atMost)) throw wrong();
      this.overflow(total);
      return;
    }
    if (!text.startsWith('=')) throw wrong();
    const head = /(\d+):(\d+):/y;
    for (let at = 1; at < text.length;) {
      head.lastIndex = at;
      const found = head.exec(text);
      const times = Number(found?.[1]);
      if (found === null || !(Number.isSafeInteger(times) && times > 0)) throw wrong();
      const from = head.lastIndex;
      at = from;
      for (let points = Number(found[2]); points > 0; points--) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      if (at > text.length) throw wrong();
      this.add(text.slice(from, at), times);
    }
  }

  /** The values that are counted, most events first, then by code point; null when there were too many. */
  ranked(): readonly (readonly [value: string, times: number])[] | null {
    return this.counts === null ? null : this.sorted().sort(([, a], [, b]) => b - a);
  }

  private overflow(more: number): void {
    this.total += more;
    this.counts = null;
  }

  private sorted(): [string, number][] {
    return [...(this.counts ?? [])].sort(([a], [b]) => compareCodePoints(a, b));
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
