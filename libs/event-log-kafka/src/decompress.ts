import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { lz4Decompress, snappyDecompress } from '@platformatic/wasm-utils';
import { lz4Bound } from './lz4-bound.ts';
import { snappyBlocks, snappyBound } from './snappy-blocks.ts';

/** Codecs by their number in a record batch's attributes. */
export const codecs = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/**
 * The records of a compressed batch.
 * @throws RangeError when they are, or may be, larger than `maxBytes`; another error when they can not be unpacked
 */
export function decompress(codec: number, packed: Buffer, maxBytes: number): Uint8Array {
  switch (codec) {
    case codecs.gzip:
      return gunzipSync(packed, { maxOutputLength: maxBytes });
    case codecs.zstd:
      return zstdDecompressSync(packed, { maxOutputLength: maxBytes });
    case codecs.lz4:
      checkBound(lz4Bound(packed), maxBytes);
      return lz4Decompress(packed);
    case codecs.snappy: {
      const blocks = snappyBlocks(packed);
      checkBound(snappyBound(blocks), maxBytes);
      const parts = blocks.map((block) => snappyDecompress(block));
      return parts.length === 1 ? (parts[0] ?? packed) : Buffer.concat(parts);
    }
    default:
      throw new TypeError(`codec ${codec} is not known`);
  }
}

function checkBound(bound: number, maxBytes: number): void {
  if (bound > maxBytes) throw new RangeError(`it unpacks to up to ${bound} bytes`);
}
