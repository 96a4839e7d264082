import type { WriteGroupSettings, WriteOutcome } from './write-group.ts';
import type { WriteOperation } from './write-operation.ts';

/** What the writing thread is started with. */
export type WriteThreadSettings = WriteGroupSettings;

/** To the thread. Operations of one message, and of messages that wait behind it, are one transaction. */
export type ToWriteThread =
  | { readonly kind: 'write'; readonly first: number; readonly operations: readonly WriteOperation[] }
  | { readonly kind: 'close' };

/** From the thread: outcomes of the operations numbered from `first` on. */
export interface FromWriteThread {
  readonly first: number;
  readonly outcomes: readonly WriteOutcome[];
}
