import { randomFillSync } from 'node:crypto';
import type { Rng } from './ports.ts';

const poolSize = 256;

/** The machine's randomness: good enough for ids that must never meet. Drawn in pools, one call in 256 asks the kernel. */
export function systemRng(): Rng {
  const pool = new BigUint64Array(poolSize);
  let used = poolSize;
  return {
    next: () => {
      if (used === poolSize) {
        randomFillSync(pool);
        used = 0;
      }
      // 53 random bits, as many as a double holds evenly in [0, 1).
      return Number((pool[used++] ?? 0n) >> 11n) / 2 ** 53;
    },
  };
}
