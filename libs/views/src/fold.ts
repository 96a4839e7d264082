import type { Columns } from '@twofold/schemas';
import type { BucketChunk } from './partials.ts';

/** The open slice of one lane, folded at the view's finest level. Holds whole partials; pure: no clock, no randomness (E4). */
export interface Fold {
  /** Partials held. */
  readonly rows: number;
  /** Folds the applied rows `[from, to)` of the columns; other classes are passed over. */
  apply(columns: Columns, from: number, to: number): void;
  /** The whole chunk of each bucket that changed since the last call, in fresh buffers: the fold may go on at once. */
  takeDirty(): BucketChunk[];
  /** Forgets everything: the next slice begins. */
  clear(): void;
}
