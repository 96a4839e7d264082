import type { TextColumn, TextDictionary } from '@twofold/schemas';
import { ByteSink } from './byte-sink.ts';

/** An array with room for `size` elements: `array`, or a copy twice as long. */
function grown<T extends Uint8Array | Int32Array | Float64Array>(
  array: T,
  size: number,
  make: (length: number) => T,
): T {
  if (size <= array.length) return array;
  const larger = make(Math.max(size, array.length * 2));
  larger.set(array);
  return larger;
}

const startRows = 1024;

/** Which rows of a column are there, 1 or 0 a row. */
class Presence {
  defined = new Uint8Array(startRows);
  rows = 0;
  present = 0;

  /** Room for `count` more rows. */
  reserve(count: number): void {
    this.defined = grown(this.defined, this.rows + count, (length) => new Uint8Array(length));
  }

  push(value: 0 | 1, count: number): void {
    if (count === 0) return;
    this.reserve(count);
    this.defined.fill(value, this.rows, this.rows + count);
    this.rows += count;
    this.present += value * count;
  }

  clear(): void {
    this.rows = 0;
    this.present = 0;
  }
}

/** Exact integers of one row group; only present values are stored. */
export class NumberBuffer {
  values = new Float64Array(startRows);
  readonly presence = new Presence();

  /** Rows `[from, to)`, all present. */
  append(source: Float64Array, from: number, to: number): void {
    this.#reserve(to - from);
    this.values.set(source.subarray(from, to), this.presence.present);
    this.presence.push(1, to - from);
  }

  /** Rows `[from, to)`, of which row `from + i` is present where `there[i]` is 1, and null where it is 0. */
  appendWhere(source: Float64Array, there: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    const { values, presence } = this;
    const { defined, rows } = presence;
    let { present } = presence;
    // Without a branch: a null's value is written, and then written over.
    for (let i = 0; i < to - from; i++) {
      const one = there[i] ?? 0;
      defined[rows + i] = one;
      values[present] = source[from + i] ?? 0;
      present += one;
    }
    presence.rows = rows + to - from;
    presence.present = present;
  }

  clear(): void {
    this.presence.clear();
  }

  #reserve(count: number): void {
    const { present } = this.presence;
    this.values = grown(this.values, present + count, (length) => new Float64Array(length));
    this.presence.reserve(count);
  }
}

/** Text of one row group: ids into a dictionary of its own, built from the decoder's ids without making a string. */
export class TextBuffer {
  ids = new Int32Array(startRows);
  readonly presence = new Presence();
  /** PLAIN encoding of the distinct texts: length, then bytes. Text i starts at `starts[i]`, its length included. */
  readonly entries = new ByteSink(4096);
  starts: number[] = [];
  #remap = new Int32Array(0);
  #seen: number[] = [];
  #own = new Map<string, number>();
  #dictionary: TextDictionary | null = null;
  #generation = 0;

  get distinct(): number {
    return this.starts.length;
  }

  /** Would rows of this column mix ids of two dictionaries, so that the group has to be written first? */
  conflicts(column: TextColumn): boolean {
    const { dictionary } = column;
    return this.#dictionary !== null && (this.#dictionary !== dictionary || this.#generation !== dictionary.generation);
  }

  /** Rows `[from, to)`; row `from + i` is null where it has no text, and where `there[i]` is 0. */
  append(column: TextColumn, there: Uint8Array, from: number, to: number): void {
    const { presence } = this;
    const { ids: source, dictionary } = column;
    this.#dictionary = dictionary;
    this.#generation = dictionary.generation;
    this.ids = grown(this.ids, presence.present + to - from, (length) => new Int32Array(length));
    if (this.#remap.length < dictionary.size) {
      const filled = this.#remap.length;
      this.#remap = grown(this.#remap, dictionary.size, (length) => new Int32Array(length));
      this.#remap.fill(-1, filled);
    }
    presence.reserve(to - from);
    const { ids } = this;
    const { defined, rows } = presence;
    const remap = this.#remap;
    let { present } = presence;
    for (let i = 0; i < to - from; i++) {
      const id = source[from + i] ?? -1;
      if (id < 0 || there[i] === 0) {
        defined[rows + i] = 0;
        continue;
      }
      let local = remap[id] ?? -1;
      if (local < 0) local = this.#learn(id, dictionary);
      ids[present++] = local;
      defined[rows + i] = 1;
    }
    presence.rows = rows + to - from;
    presence.present = present;
  }

  /** A text that no dictionary has; null is null. */
  appendText(text: string | null): void {
    const { presence } = this;
    if (text === null) {
      presence.push(0, 1);
      return;
    }
    let local = this.#own.get(text);
    if (local === undefined) {
      local = this.#enter(new TextEncoder().encode(text));
      this.#own.set(text, local);
    }
    this.ids = grown(this.ids, presence.present + 1, (length) => new Int32Array(length));
    this.ids[presence.present] = local;
    presence.push(1, 1);
  }

  appendNulls(count: number): void {
    this.presence.push(0, count);
  }

  clear(): void {
    for (const id of this.#seen) this.#remap[id] = -1;
    this.#seen = [];
    this.#own.clear();
    this.starts = [];
    this.entries.clear();
    this.presence.clear();
    this.#dictionary = null;
  }

  #learn(id: number, dictionary: TextDictionary): number {
    const local = this.#enter(dictionary.bytes(id));
    this.#remap[id] = local;
    this.#seen.push(id);
    return local;
  }

  #enter(bytes: Uint8Array): number {
    this.starts.push(this.entries.length);
    this.entries.uint32(bytes.length);
    this.entries.append(bytes);
    return this.starts.length - 1;
  }
}

/** Byte strings of one row group, as PLAIN encoding has them: length, then bytes. */
export class BytesBuffer {
  readonly plain = new ByteSink();
  readonly presence = new Presence();

  /** The bytes `[starts[row], ends[row])` of rows `[from, to)`; null where the start is below 0. */
  append(source: Uint8Array, starts: Int32Array, ends: Int32Array, from: number, to: number): void {
    const { plain, presence } = this;
    presence.reserve(to - from);
    for (let row = from; row < to; row++) {
      const start = starts[row] ?? -1;
      presence.defined[presence.rows++] = start < 0 ? 0 : 1;
      if (start < 0) continue;
      presence.present++;
      const length = (ends[row] ?? 0) - start;
      plain.uint32(length);
      plain.reserve(length);
      const { bytes, length: at } = plain;
      if (length <= 32) for (let i = 0; i < length; i++) bytes[at + i] = source[start + i] ?? 0;
      else bytes.set(source.subarray(start, start + length), at);
      plain.length = at + length;
    }
  }

  appendNulls(count: number): void {
    this.presence.push(0, count);
  }

  clear(): void {
    this.plain.clear();
    this.presence.clear();
  }
}

export type { Presence };
