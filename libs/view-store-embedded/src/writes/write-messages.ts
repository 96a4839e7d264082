import type { WriteGroupSettings, WriteOutcome } from './write-group.ts';
import type { WriteOperation } from './write-operation.ts';

/** What the writing thread is started with. */
export type WriteThreadSettings = WriteGroupSettings;

/** To the thread. Operations are numbered from `first` on. Those of one message, and of messages that wait behind it, are one transaction. */
export type ToWriteThread =
  | { readonly kind: 'write'; readonly first: number; readonly operations: readonly WriteOperation[] }
  | { readonly kind: 'close' };

/** From the thread: how the operations of these numbers ended. */
export interface FromWriteThread {
  readonly numbers: readonly number[];
  readonly outcomes: readonly WriteOutcome[];
}
