import type { WindowAnswer } from '@twofold/views';
import { BoundedCache } from './bounded-cache.ts';

/** Rows as they were presented: never changed once given. */
export interface Presented {
  readonly windows: WindowAnswer;
  /** Row numbers in the asked order; null: as they stand. */
  readonly order: Int32Array | null;
}

/**
 * Presented rows by the names of the chunks that they are the sum of, and by what is asked of them: equal chunks are
 * not merged again. New events, another release or another cut are chunks of other names.
 */
export class PresentedCache extends BoundedCache<Presented> {
  constructor(limitBytes: number) {
    super(limitBytes, bytesOf);
  }
}

/** Values in columns and again in the objects that resolvers get, keys, and an instant or two a row. */
function bytesOf({ windows }: Presented): number {
  const { rows, keys, measures, derived } = windows;
  const columns = Object.keys(measures).length + Object.keys(derived).length;
  return 1_000 + keys.reduce((sum, { length }) => sum + length + 100, 0) + rows * (columns * VALUE_BYTES + ROW_BYTES);
}

/** Two references, and one number or a short text. */
const VALUE_BYTES = 48;
const ROW_BYTES = 150;
