import { TwofoldError } from '@twofold/schemas';

/** Closed list of why a read is refused. Each is told to the client with its code; everything else is masked. */
export type ReadErrorCode =
  | 'VIEW_NOT_READY'
  | 'RELEASE_EXPIRED'
  | 'SNAPSHOT_EXPIRED'
  | 'SNAPSHOT_NOT_POSSIBLE'
  | 'TOO_STALE'
  | 'TOO_MANY_ROWS'
  | 'RANGE_INVALID'
  | 'GRAIN_NOT_EXPRESSIBLE'
  | 'KEY_INVALID'
  | 'CURSOR_INVALID'
  | 'PART_MISSING';

export class ReadError extends TwofoldError<ReadErrorCode> {
  override readonly name = 'ReadError';
}
