import { crc32 } from 'node:zlib';

/**
 * SQLite does not notice a flipped bit in a row's content, so rows that answers are made of carry a checksum of their
 * own: over the key, so that a row is never taken for another, and over the content.
 */
export function rowChecksum(key: readonly (string | number | null)[], content: Uint8Array | string = ''): number {
  return crc32(content, crc32(JSON.stringify(key)));
}
