/** A record batch's header, before its records. */
export const headerBytes = 61;
/** Base offset and length stand before what the length counts. */
export const prefixBytes = 12;
/** Where the header's fields begin. */
export const at = {
  length: 8,
  term: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastDelta: 23,
  baseTime: 27,
  maxTime: 35,
  producerId: 43,
  count: 57,
} as const;
export const attribute = { codec: 0x07, brokerTime: 0x08, transactional: 0x10, control: 0x20 } as const;

/** 64 bits as a number: exact below 2^53, which offsets and milliseconds are. */
export function readOffset(buffer: Buffer, start: number): number {
  return buffer.readInt32BE(start) * 4_294_967_296 + buffer.readUInt32BE(start + 4);
}
