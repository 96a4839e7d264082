import { BoundedCache } from './bounded-cache.ts';

/** Bytes that can never change, by what they are of. Null: known not to be there. */
export class ByteCache extends BoundedCache<Uint8Array | null> {
  constructor(limitBytes: number) {
    super(limitBytes, (bytes) => bytes?.byteLength ?? 0);
  }
}
