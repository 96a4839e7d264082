import { TwofoldError } from '@twofold/schemas';

/**
 * Closed list of what keys, chunks, folds and answers refuse.
 *
 * - `CHUNK_FORMAT_UNKNOWN`: a chunk of a newer or foreign format; nothing of it is read.
 * - `CHUNK_DAMAGED`: bytes that no encoder writes: cut off, out of order, out of range.
 * - `KEY_INVALID`: values that are no key of the view, or bytes that are no key.
 * - `COLUMNS_INVALID`: partials as columns that do not have the view's shape.
 * - `SUM_OVERFLOW`: a sum leaves 128 bits. It is never wrapped.
 * - `PANE_WIDTH_INVALID`: panes that the asked width can not be summed from.
 * - `WINDOW_NOT_EXPRESSIBLE`: a window that the stored panes do not divide.
 * - `TOO_MANY_ROWS`: an answer above the caller's bound; `facts.rows` is its size.
 * - `MEASURE_NOT_STORED`: a measure without its components: the view was not made by `view()`.
 */
export type ChunkErrorCode =
  | 'CHUNK_FORMAT_UNKNOWN'
  | 'CHUNK_DAMAGED'
  | 'KEY_INVALID'
  | 'COLUMNS_INVALID'
  | 'SUM_OVERFLOW'
  | 'PANE_WIDTH_INVALID'
  | 'WINDOW_NOT_EXPRESSIBLE'
  | 'TOO_MANY_ROWS'
  | 'MEASURE_NOT_STORED';

export class ChunkError extends TwofoldError<ChunkErrorCode> {
  override readonly name = 'ChunkError';
}

export function columnMismatch(expected: string, found: string): ChunkError {
  return new ChunkError('COLUMNS_INVALID', `A column of kind '${found}' stands where the view has a '${expected}'.`);
}
