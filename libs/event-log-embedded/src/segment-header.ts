import { crc32c } from '@twofold/service';
import { damaged, formatUnknown } from './log-failures.ts';

/**
 * The first 64 bytes of a segment file, little end first: u32 magic, u32 CRC-32C of the rest, u32 format, u32
 * partition, f64 offset of the first record, f64 log time reached before it, 32 bytes identity of the topic.
 * Magic, checksum and format stay where they are in every later format.
 */
export const segmentHeaderBytes = 64;
const magic = 0x47534654;
const format = 1;

export interface SegmentHeader {
  readonly partition: number;
  readonly base: number;
  readonly lastTime: number;
  readonly identity: string;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(segmentHeaderBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(8, format, true);
  view.setUint32(12, header.partition, true);
  view.setFloat64(16, header.base, true);
  view.setFloat64(24, header.lastTime, true);
  bytes.set(new TextEncoder().encode(header.identity.padEnd(32).slice(0, 32)), 32);
  view.setUint32(4, crc32c(bytes.subarray(8)), true);
  return bytes;
}

/** Null: these bytes were never a whole header, or are no longer one. @throws LOG_FORMAT_UNKNOWN for a newer format. */
export function decodeSegmentHeader(bytes: Uint8Array, file: string): (SegmentHeader & { salt: number }) | null {
  if (bytes.length < segmentHeaderBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const header = bytes.subarray(0, segmentHeaderBytes);
  if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== crc32c(header.subarray(8))) return null;
  const found = view.getUint32(8, true);
  if (found !== format) throw formatUnknown(file, found, format);
  return {
    partition: view.getUint32(12, true),
    base: view.getFloat64(16, true),
    lastTime: view.getFloat64(24, true),
    identity: new TextDecoder().decode(header.subarray(32)).trimEnd(),
    salt: crc32c(header),
  };
}

/** A segment's salt, when its header says what its name and place say. @throws LOG_DAMAGED otherwise. */
export function checkSegmentHeader(
  bytes: Uint8Array,
  file: string,
  expected: { topic: string; partition: number; base: number; identity: string },
): { salt: number; lastTime: number } {
  const header = decodeSegmentHeader(bytes, file);
  const { topic, partition, base, identity } = expected;
  if (header !== null && header.partition === partition && header.base === base && header.identity === identity) {
    return header;
  }
  const detail = header === null ? 'its header is damaged' : 'it belongs to another topic, partition or offset';
  throw damaged({ file, topic, partition, from: base, to: null, position: 0 }, detail);
}

/** File names sort as offsets do. */
export function segmentName(base: number): string {
  return `${String(base).padStart(16, '0')}.log`;
}

/** The offset that a segment's name tells; null for files that are no segment. */
export function segmentBase(name: string): number | null {
  return /^\d{16}\.log$/.test(name) ? Number(name.slice(0, 16)) : null;
}
