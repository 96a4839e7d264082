import { packBits, packedBytes, packFlags } from './bit-packing.ts';
import type { ByteSink } from './byte-sink.ts';

/** One bit-packed run of the RLE/bit-packing hybrid. */
export function writePackedRun(sink: ByteSink, values: Int32Array, count: number, width: number): void {
  sink.varint((Math.ceil(count / 8) << 1) | 1);
  sink.reserve(packedBytes(count, width));
  sink.length = packBits(values, 0, count, width, sink.bytes, sink.length);
}

/** The same for flags of 0 and 1. */
export function writeFlagRun(sink: ByteSink, flags: Uint8Array, count: number): void {
  sink.varint((Math.ceil(count / 8) << 1) | 1);
  sink.reserve(packedBytes(count, 1));
  sink.length = packFlags(flags, count, sink.bytes, sink.length);
}

/** One run of the same value, of at most 8 bits. */
export function writeRepeatedRun(sink: ByteSink, value: number, count: number): void {
  sink.varint(count << 1);
  sink.byte(value);
}
