import type {
  DeadLetter,
  LaneName,
  LedgerEntry,
  PartChunk,
  ProgressRecord,
  SpeedRow,
  ViewVersion,
} from '@twofold/view-store';

/** Everything that changes a store, as plain data: the writing thread applies it in one transaction. */
export type WriteOperation =
  | { readonly kind: 'speedRows'; readonly rows: readonly SpeedRow[] }
  /** Marks the low water, then removes at most `limit` rows; gives how many. */
  | {
      readonly kind: 'sweep';
      readonly of: ViewVersion;
      readonly partition: number;
      readonly below: number;
      readonly limit: number;
    }
  | { readonly kind: 'progress'; readonly records: readonly ProgressRecord[] }
  | {
      readonly kind: 'forgetLanes';
      readonly of: ViewVersion;
      readonly partition: number;
      readonly lanes: readonly LaneName[];
    }
  | { readonly kind: 'ledger'; readonly entries: readonly LedgerEntry[]; readonly deadLetters: readonly DeadLetter[] }
  /** Marks below what letters are not taken any more, then removes at most `limit` of them; gives how many. */
  | {
      readonly kind: 'dropLetters';
      readonly stream: string;
      readonly partition: number;
      readonly below: number;
      readonly limit: number;
    }
  | { readonly kind: 'chunks'; readonly part: string; readonly chunks: readonly PartChunk[] }
  | { readonly kind: 'index'; readonly build: string; readonly body: string }
  /** Makes parts and builds invisible for ever. */
  | { readonly kind: 'removeParts'; readonly parts: readonly string[]; readonly builds: readonly string[] }
  /** Frees at most `limit` chunks of removed parts; gives how many. */
  | { readonly kind: 'freeChunks'; readonly limit: number }
  /** Raises the parts' low water, then forgets at most `limit` removed ids below it; gives how many. */
  | { readonly kind: 'forgetRemoved'; readonly below: string; readonly limit: number }
  | { readonly kind: 'createControl'; readonly sequence: number; readonly body: string }
  | { readonly kind: 'setControl'; readonly sequence: number; readonly body: string }
  | ({ readonly kind: 'run' } & StoredRun)
  | { readonly kind: 'setJob'; readonly job: string; readonly sequence: number; readonly body: string };

/** A run's record as it lies in its table. */
export interface StoredRun {
  readonly id: string;
  readonly job: string;
  readonly startedAt: number;
  readonly body: string;
}

/** Where something was written twice with different bytes. */
export interface FoundConflict {
  readonly what: 'speed row' | 'chunk' | 'index';
  readonly place: Readonly<Record<string, unknown>>;
}

/** Told of conflicts; null: nobody asks, so nothing is compared. */
export type ReportConflict = ((found: FoundConflict) => void) | null;

/** Setting the control row or a job's row are the changes that must not be tried again before its effect was looked for (E15). */
export function isCompareAndSet(operation: WriteOperation): boolean {
  return operation.kind === 'setControl' || operation.kind === 'createControl' || operation.kind === 'setJob';
}
