import { crc32c } from '@twofold/service';
import type { AlignedBuffer } from './aligned-buffer.ts';

/**
 * A frame holds consecutive records of one partition, appended at once. Little end first; starts and lengths are
 * multiples of 8:
 *
 *      0  u32  magic: records or seal
 *      4  u32  CRC-32C of the bytes from 8 to the end, xor the segment's salt
 *      8  u32  length, everything included
 *     12  u32  number of records (0 in a seal)
 *     16  f64  offset of the first record (of a seal: one past the segment's last)
 *     24  f64  log time of all its records, milliseconds since 1970
 *     32  u32  position in the segment below which all was durable when this was written
 *     36  u32  0
 *     40       key and value of each record, one after the other, then zeros up to a multiple of 8
 *    end-8n    n i32 lengths of the keys, then n i32 lengths of the values; -1 is null
 *
 * The salt comes from the segment's header, so that no frame of elsewhere, and none that a record carries as its
 * value, passes for a frame of this segment.
 */
export const frameHeaderBytes = 40;
export const recordsMagic = 0x31524654;
export const sealMagic = 0x31534654;

/** A frame is closed when its keys and values would weigh more; only a single record can. */
export const frameDataBytes = 65_536;

export function frameMagic(buffer: AlignedBuffer, at: number): number {
  return buffer.ints[at >> 2] ?? 0;
}
export function frameLength(buffer: AlignedBuffer, at: number): number {
  return (buffer.ints[(at >> 2) + 2] ?? 0) >>> 0;
}
export function frameCount(buffer: AlignedBuffer, at: number): number {
  return (buffer.ints[(at >> 2) + 3] ?? 0) >>> 0;
}
export function frameOffset(buffer: AlignedBuffer, at: number): number {
  return buffer.floats[(at >> 3) + 2] ?? Number.NaN;
}
export function frameTime(buffer: AlignedBuffer, at: number): number {
  return buffer.floats[(at >> 3) + 3] ?? Number.NaN;
}
export function frameDurableBelow(buffer: AlignedBuffer, at: number): number {
  return (buffer.ints[(at >> 2) + 8] ?? 0) >>> 0;
}

/** Could this be a frame's header? Everything that can be said without its other bytes. */
export function plausibleHeader(buffer: AlignedBuffer, at: number): boolean {
  const magic = frameMagic(buffer, at);
  const length = frameLength(buffer, at);
  const count = frameCount(buffer, at);
  if (magic === sealMagic) return length === frameHeaderBytes && count === 0;
  return magic === recordsMagic && length % 8 === 0 && count > 0 && length >= frameHeaderBytes + 8 * count;
}

export function frameChecksum(buffer: AlignedBuffer, at: number, length: number, salt: number): number {
  return (crc32c(buffer.bytes.subarray(at + 8, at + length)) ^ salt) | 0;
}

/** Is the whole frame in the buffer what was written? */
export function frameIntact(buffer: AlignedBuffer, at: number, salt: number): boolean {
  return buffer.ints[(at >> 2) + 1] === frameChecksum(buffer, at, frameLength(buffer, at), salt);
}

/** Writes a header whose checksum is still to come: `stampFrame`. */
export function writeFrameHeader(
  buffer: AlignedBuffer,
  at: number,
  frame: { magic: number; length: number; count: number; offset: number; time: number },
): void {
  buffer.ints[at >> 2] = frame.magic;
  buffer.ints[(at >> 2) + 2] = frame.length;
  buffer.ints[(at >> 2) + 3] = frame.count;
  buffer.floats[(at >> 3) + 2] = frame.offset;
  buffer.floats[(at >> 3) + 3] = frame.time;
  buffer.ints[(at >> 2) + 9] = 0;
}

/** Completes a frame for the segment that it goes to. */
export function stampFrame(buffer: AlignedBuffer, at: number, durableBelow: number, salt: number): void {
  buffer.ints[(at >> 2) + 8] = durableBelow;
  buffer.ints[(at >> 2) + 1] = frameChecksum(buffer, at, frameLength(buffer, at), salt);
}
