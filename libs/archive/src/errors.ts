import { TwofoldError } from '@twofold/schemas';

/** Closed list of what an archive can refuse. */
export type ArchiveErrorCode =
  | 'COVERAGE_HOLE'
  | 'COVERAGE_OVERLAP'
  | 'FILE_MISSING'
  | 'FILE_DAMAGED'
  | 'MANIFEST_DAMAGED'
  | 'MANIFEST_MISSING'
  | 'FORMAT_UNKNOWN'
  | 'BYTES_NOT_KEPT'
  | 'ORIGIN_CHANGED'
  | 'STREAM_CHANGED'
  | 'ROWS_OUT_OF_ORDER'
  | 'NOT_A_DATA_FILE'
  | 'ARCHIVE_DISK_FULL'
  | 'ARCHIVE_IO';

export class ArchiveError extends TwofoldError<ArchiveErrorCode> {
  override readonly name = 'ArchiveError';
}
