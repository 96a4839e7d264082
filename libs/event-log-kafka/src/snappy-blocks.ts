/** What Java's snappy stream starts with; a version and a lowest version follow, then blocks with their lengths. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeaderBytes = 16;

/** The raw snappy blocks of a batch: Java's clients frame them, others send one as it is. */
export function snappyBlocks(packed: Buffer): Buffer[] {
  if (packed.length < xerialHeaderBytes || !packed.subarray(0, xerialMagic.length).equals(xerialMagic)) return [packed];
  const blocks: Buffer[] = [];
  for (let at = xerialHeaderBytes; at < packed.length;) {
    const size = packed.readUInt32BE(at);
    at += 4;
    if (at + size > packed.length) throw new TypeError('its last snappy block is cut off');
    blocks.push(packed.subarray(at, at + size));
    at += size;
  }
  return blocks;
}

/** What the blocks say they unpack to. */
export function snappyBound(blocks: readonly Buffer[]): number {
  return blocks.reduce((sum, block) => sum + unpackedLength(block), 0);
}

function unpackedLength(block: Buffer): number {
  let length = 0;
  for (let at = 0, scale = 1; at < 5; at++, scale *= 128) {
    const byte = block.readUInt8(at);
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) return length;
  }
  throw new TypeError('its snappy length is malformed');
}
