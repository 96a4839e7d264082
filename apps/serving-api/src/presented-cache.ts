import type { AnswerValue, WindowAnswer } from '@twofold/views';
import { BoundedCache } from './bounded-cache.ts';

/** Rows as they were presented: never changed once given. */
export interface Presented {
  readonly windows: WindowAnswer;
  /** Row numbers in the asked order; null: as they stand. */
  readonly order: Int32Array | null;
  /** All rows as JSON, in place of the measures and derived values, which are not kept then. Null: those are there. */
  readonly text: string | null;
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
function bytesOf({ windows, text }: Presented): number {
  const { rows, keys, measures, derived } = windows;
  const columns = Object.keys(measures).length + Object.keys(derived).length;
  const keyBytes = keys.reduce((sum, { length }) => sum + length + 100, 0);
  if (text !== null) {
    const characterBytes = Buffer.byteLength(text) === text.length ? 1 : 2;
    return 1_000 + keyBytes + rows * TEXT_ROW_BYTES + characterBytes * text.length;
  }
  return 1_000 + keyBytes + rows * (columns * VALUE_BYTES + ROW_BYTES) + listBytes(Object.values(measures));
}

/** Histograms and counted values hold more than one value a row. */
function listBytes(columns: readonly (readonly AnswerValue[])[]): number {
  let items = 0;
  for (const column of columns)
    for (const value of column) {
      if (typeof value !== 'object' || value === null) continue;
      items += 'total' in value ? 2 * (value.values?.length ?? 0) : value.length;
    }
  return items * VALUE_BYTES;
}

/** Two references, and one number or a short text. */
const VALUE_BYTES = 48;
const ROW_BYTES = 150;
/** The window, and which key. */
const TEXT_ROW_BYTES = 20;
