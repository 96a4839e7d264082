import type { RecordBatch } from '@twofold/schemas';
import type { AlignedBuffer } from './aligned-buffer.ts';
import { frameCount, frameHeaderBytes, frameLength, frameOffset, frameTime } from './frame.ts';

/** The row arrays of a cursor's batches, used again and again and grown when a batch needs more. */
export class RowFiller {
  #capacity = 0;
  #offsets = new Float64Array(0);
  #times = new Float64Array(0);
  #keyStarts = new Int32Array(0);
  #keyEnds = new Int32Array(0);
  #valueStarts = new Int32Array(0);
  #valueEnds = new Int32Array(0);
  #rows = 0;
  #weight = 0;

  start(): void {
    this.#rows = 0;
    this.#weight = 0;
  }

  /**
   * Adds the rows of one frame that lie in `[from, to)`, until keys and values weigh more than `maxBytes`.
   * False: there was no more room.
   */
  addFrame(buffer: AlignedBuffer, at: number, from: number, to: number, maxBytes: number): boolean {
    const count = frameCount(buffer, at);
    const base = frameOffset(buffer, at);
    const time = frameTime(buffer, at);
    this.#reserve(this.#rows + count);
    const { ints } = buffer;
    const keys = (at + frameLength(buffer, at) - 8 * count) >> 2;
    const values = keys + count;
    const first = Math.max(0, from - base);
    const last = Math.min(count, to - base);
    let place = at + frameHeaderBytes;
    for (let i = 0; i < first; i++) place += Math.max(0, ints[keys + i] ?? 0) + Math.max(0, ints[values + i] ?? 0);

    const [offsets, times] = [this.#offsets, this.#times];
    const [keyStarts, keyEnds, valueStarts, valueEnds] = [
      this.#keyStarts,
      this.#keyEnds,
      this.#valueStarts,
      this.#valueEnds,
    ];
    let row = this.#rows;
    let weight = this.#weight;
    let i = first;
    for (; i < last; i++) {
      const keyLength = ints[keys + i] ?? -1;
      const valueLength = ints[values + i] ?? -1;
      const valuePlace = keyLength > 0 ? place + keyLength : place;
      const next = valueLength > 0 ? valuePlace + valueLength : valuePlace;
      weight += next - place;
      if (weight > maxBytes && row > 0) break;
      offsets[row] = base + i;
      times[row] = time;
      keyStarts[row] = keyLength < 0 ? -1 : place;
      keyEnds[row] = keyLength < 0 ? -1 : valuePlace;
      valueStarts[row] = valueLength < 0 ? -1 : valuePlace;
      valueEnds[row] = valueLength < 0 ? -1 : next;
      place = next;
      row += 1;
    }
    this.#rows = row;
    this.#weight = weight;
    return i === last && weight <= maxBytes;
  }

  /** The rows added since `start`, as a batch over these bytes. */
  batch(partition: number, baseOffset: number, bytes: Uint8Array): RecordBatch {
    const count = this.#rows;
    return {
      partition,
      baseOffset,
      nextOffset: baseOffset + count,
      count,
      bytes,
      offsets: this.#offsets.subarray(0, count),
      times: this.#times.subarray(0, count),
      keyStarts: this.#keyStarts.subarray(0, count),
      keyEnds: this.#keyEnds.subarray(0, count),
      valueStarts: this.#valueStarts.subarray(0, count),
      valueEnds: this.#valueEnds.subarray(0, count),
    };
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = Math.max(rows, 2 * this.#capacity, 256);
    const floats = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(this.#capacity);
      grown.set(old);
      return grown;
    };
    const ints = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(this.#capacity);
      grown.set(old);
      return grown;
    };
    this.#offsets = floats(this.#offsets);
    this.#times = floats(this.#times);
    this.#keyStarts = ints(this.#keyStarts);
    this.#keyEnds = ints(this.#keyEnds);
    this.#valueStarts = ints(this.#valueStarts);
    this.#valueEnds = ints(this.#valueEnds);
  }
}
