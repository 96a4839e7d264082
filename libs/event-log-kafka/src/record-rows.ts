import { type RecordBatch, emptyBatch } from '@twofold/schemas';

/** Rows of a batch while they are found: arrays that grow, and are used again for the next batch. */
export class RecordRows {
  count = 0;
  offsets = new Float64Array(1_024);
  times = new Float64Array(1_024);
  keyStarts = new Int32Array(1_024);
  keyEnds = new Int32Array(1_024);
  valueStarts = new Int32Array(1_024);
  valueEnds = new Int32Array(1_024);

  /** Makes room for `more` rows and gives these rows: larger arrays are others. */
  reserve(more: number): this {
    const wanted = this.count + more;
    if (wanted <= this.offsets.length) return this;
    const capacity = Math.max(wanted, this.offsets.length * 2);
    const floats = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(capacity);
      larger.set(old);
      return larger;
    };
    const places = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(capacity);
      larger.set(old);
      return larger;
    };
    this.offsets = floats(this.offsets);
    this.times = floats(this.times);
    this.keyStarts = places(this.keyStarts);
    this.keyEnds = places(this.keyEnds);
    this.valueStarts = places(this.valueStarts);
    this.valueEnds = places(this.valueEnds);
    return this;
  }

  /** First row at or above the offset. */
  rowAt(offset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Rows `[from, to)` as a batch that shares these arrays. */
  batch(
    rows: { readonly from: number; readonly to: number },
    covers: { readonly partition: number; readonly baseOffset: number; readonly nextOffset: number },
    bytes: Uint8Array,
  ): RecordBatch {
    const { from, to } = rows;
    if (from === to) return emptyBatch(covers.partition, covers.baseOffset, covers.nextOffset);
    return {
      ...covers,
      count: to - from,
      bytes,
      offsets: this.offsets.subarray(from, to),
      times: this.times.subarray(from, to),
      keyStarts: this.keyStarts.subarray(from, to),
      keyEnds: this.keyEnds.subarray(from, to),
      valueStarts: this.valueStarts.subarray(from, to),
      valueEnds: this.valueEnds.subarray(from, to),
    };
  }
}
