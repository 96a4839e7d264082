import { packBits, packedBytes } from './bit-packing.ts';
import type { ByteSink } from './byte-sink.ts';

const words = { scratch: new Uint32Array(1 << 14) };

function scratchFor(bytes: number): Uint32Array {
  if (words.scratch.length * 4 < bytes + 8) words.scratch = new Uint32Array(Math.ceil(bytes / 4) + 2);
  return words.scratch;
}

/** One bit-packed run of the RLE/bit-packing hybrid. */
export function writePackedRun(sink: ByteSink, values: ArrayLike<number>, count: number, width: number): void {
  const size = packedBytes(count, width);
  const scratch = scratchFor(size);
  packBits(values, 0, count, width, scratch);
  sink.varint((Math.ceil(count / 8) << 1) | 1);
  sink.append(new Uint8Array(scratch.buffer, 0, size));
}

/** One run of the same value, of at most 8 bits. */
export function writeRepeatedRun(sink: ByteSink, value: number, count: number): void {
  sink.varint(count << 1);
  sink.byte(value);
}
