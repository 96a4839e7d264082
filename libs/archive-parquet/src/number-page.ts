import { packBits } from './bit-packing.ts';
import type { ByteSink } from './byte-sink.ts';

/** The smallest and the largest of `count` > 0 values. */
export function rangeOf(values: Float64Array, count: number): { readonly min: number; readonly max: number } {
  let min = values[0] ?? 0;
  let max = min;
  for (let i = 1; i < count; i++) {
    const value = values[i] ?? 0;
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  return { min, max };
}

/** 64-bit little-endian integers. Exact for every integer of a NumberColumn: no BigInt is made. */
export function writePlainIntegers(sink: ByteSink, values: Float64Array, count: number): void {
  sink.reserve(count * 8 + 8);
  // Words need an aligned start; the sink's may be anywhere.
  const pairs = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    const low = value >>> 0;
    pairs[i * 2] = low;
    pairs[i * 2 + 1] = (value - low) / 4294967296;
  }
  sink.append(new Uint8Array(pairs.buffer));
}

const blockSize = 128;
const miniSize = 32;
/** A block at its largest: its least delta, the widths, and deltas of 31 bits. */
const maxBlockBytes = 10 + blockSize / miniSize + blockSize * 4;

/** Deltas of this range and below fit 31 bits, which is all that `writeDeltaIntegers` packs. */
export const maxDeltaRange = 2 ** 29;

/** DELTA_BINARY_PACKED for values whose range is at most `maxDeltaRange`. */
export function writeDeltaIntegers(sink: ByteSink, values: Float64Array, count: number): void {
  sink.varint(blockSize);
  sink.varint(blockSize / miniSize);
  sink.varint(count);
  sink.zigzag64(BigInt(values[0] ?? 0));
  const deltas = new Int32Array(blockSize);
  for (let start = 1; start < count; start += blockSize) {
    const length = Math.min(blockSize, count - start);
    sink.reserve(maxBlockBytes);
    let min = 0x7fffffff;
    let before = values[start - 1] ?? 0;
    for (let i = 0; i < length; i++) {
      const value = values[start + i] ?? 0;
      const delta = (value - before) | 0;
      before = value;
      deltas[i] = delta;
      if (delta < min) min = delta;
    }
    sink.varint((min << 1) ^ (min >> 31));
    const widthsAt = sink.length;
    sink.uint32(0);
    for (let mini = 0; mini * miniSize < length; mini++) {
      const end = Math.min(length, (mini + 1) * miniSize);
      let all = 0;
      for (let i = mini * miniSize; i < end; i++) all |= deltas[i] = (deltas[i] ?? 0) - min;
      const width = all === 0 ? 0 : 32 - Math.clz32(all);
      sink.bytes[widthsAt + mini] = width;
      if (width === 0) continue;
      deltas.fill(0, end, (mini + 1) * miniSize);
      sink.length = packBits(deltas, mini * miniSize, (mini + 1) * miniSize, width, sink.bytes, sink.length);
    }
  }
}
