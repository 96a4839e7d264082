import type { Appended } from './late-appends.ts';
import type { PendingRows } from './row-redactor.ts';

/** Redactions of rows of one history. */
export class RowRedactions {
  /** Those whose certificate nobody has seen yet. */
  readonly erasing: PendingRows[] = [];
  /** Those that were certified. */
  readonly erased: PendingRows[] = [];
  /** All, whatever became of them. */
  readonly planned: PendingRows[] = [];
  /** What operators have appended, each at once. */
  readonly appended: Appended[] = [];
}
