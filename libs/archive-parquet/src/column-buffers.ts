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

/** Which rows of a column are there. Rows arrive in runs, since most columns have no null at all. */
class Presence {
  defined = new Uint8Array(startRows);
  rows = 0;
  present = 0;

  push(value: 0 | 1, count: number): void {
    this.defined = grown(this.defined, this.rows + count, (length) => new Uint8Array(length));
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
    const { present } = this.presence;
    this.values = grown(this.values, present + to - from, (length) => new Float64Array(length));
    this.values.set(source.subarray(from, to), present);
    this.presence.push(1, to - from);
  }

  /** Rows `[from, to)`, null where `valid` is 0 or the row's class is `nullClass`. */
  appendNullable(
    source: Float64Array,
    valid: Uint8Array | null,
    classes: Uint8Array,
    nullClass: number,
    from: number,
    to: number,
  ): void {
    const { presence } = this;
    this.values = grown(this.values, presence.present + to - from, (length) => new Float64Array(length));
    for (let row = from; row < to; row++) {
      const there = (valid === null || valid[row] === 1) && classes[row] !== nullClass;
      if (there) this.values[presence.present] = source[row] ?? 0;
      presence.push(there ? 1 : 0, 1);
    }
  }

  clear(): void {
    this.presence.clear();
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

  append(column: TextColumn, classes: Uint8Array, nullClass: number, from: number, to: number): void {
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
    const { ids } = this;
    const remap = this.#remap;
    let { present } = presence;
    let run = 0;
    for (let row = from; row < to; row++) {
      const id = source[row] ?? -1;
      if (id < 0 || classes[row] === nullClass) {
        presence.push(1, run);
        presence.push(0, 1);
        run = 0;
        continue;
      }
      let local = remap[id] ?? -1;
      if (local < 0) local = this.#learn(id, dictionary);
      ids[present++] = local;
      run++;
    }
    presence.push(1, run);
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

  append(source: Uint8Array, start: number, end: number): void {
    if (start < 0) {
      this.presence.push(0, 1);
      return;
    }
    const { plain } = this;
    const length = end - start;
    plain.uint32(length);
    plain.reserve(length);
    const { bytes, length: at } = plain;
    if (length <= 32) for (let i = 0; i < length; i++) bytes[at + i] = source[start + i] ?? 0;
    else bytes.set(source.subarray(start, end), at);
    plain.length = at + length;
    this.presence.push(1, 1);
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
