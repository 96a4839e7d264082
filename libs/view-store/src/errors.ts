import { TwofoldError } from '@twofold/schemas';

/** Closed list of what a store can refuse. */
export type StoreErrorCode =
  | 'STORE_GONE'
  | 'OUTCOME_UNKNOWN'
  | 'STORE_UNAVAILABLE'
  | 'STORE_DISK_FULL'
  | 'STORE_FORMAT_UNKNOWN'
  | 'STORE_DAMAGED'
  | 'STORE_READ_ONLY'
  | 'STORE_CLOSED'
  /** The same place was written with other bytes: E4, E5 or E14 is broken. Reported, never stored. */
  | 'WRITE_CONFLICT';

export class StoreError extends TwofoldError<StoreErrorCode> {
  override readonly name = 'StoreError';
}
