const magic = 0x184d2204;
const uncompressedBit = 0x8000_0000;

/** LZ4 repeats a byte at most this often for each byte it is packed into. */
const largestRatio = 255;

/**
 * What an LZ4 frame can unpack to at most, from the headers of its blocks: close to what it does unpack to, since all
 * blocks but the last are full.
 * @throws TypeError when it is no LZ4 frame
 */
export function lz4Bound(frame: Buffer): number {
  if (frame.length < 7 || frame.readUInt32LE(0) !== magic) throw new TypeError('it is no LZ4 frame');
  const flags = frame.readUInt8(4);
  const blockBytes = 2 ** (8 + 2 * ((frame.readUInt8(5) >>> 4) & 7));
  const blockChecksum = flags & 0x10 ? 4 : 0;
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  let bound = 0;
  while (at + 4 <= frame.length) {
    const header = frame.readUInt32LE(at);
    if (header === 0) return bound;
    const size = header % uncompressedBit;
    bound += header >= uncompressedBit ? size : Math.min(blockBytes, size * largestRatio);
    at += 4 + size + blockChecksum;
  }
  throw new TypeError('its last LZ4 block is cut off');
}
