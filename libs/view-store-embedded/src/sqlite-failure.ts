/** The numbers of SQLite's result codes that this adapter tells apart; the lower byte of an extended code. */
const resultCode = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  canNotOpen: 14,
  notADatabase: 26,
} as const;
/** The file was moved or removed under an open connection. */
const readOnlyMoved = 1032;

/** Closed list: what a failure of SQLite means to a store. Plain text, so that it can leave the writing thread. */
export type FailureKind = 'GONE' | 'BUSY' | 'READ_ONLY' | 'IO' | 'DAMAGED' | 'DISK_FULL' | 'REFUSED';

/** The system's own failures: making the folder, looking at the file. */
const systemFailures: Readonly<Record<string, FailureKind>> = {
  EACCES: 'READ_ONLY',
  EPERM: 'READ_ONLY',
  EROFS: 'READ_ONLY',
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EIO: 'IO',
};

export function failureKind(error: unknown): FailureKind {
  const code = sqliteCode(error);
  if (code === null) return systemFailures[systemCode(error)] ?? 'REFUSED';
  if (code === readOnlyMoved) return 'GONE';
  switch (code & 0xff) {
    case resultCode.busy:
    case resultCode.locked:
      return 'BUSY';
    case resultCode.readOnly:
      return 'READ_ONLY';
    case resultCode.ioError:
    case resultCode.canNotOpen:
      return 'IO';
    case resultCode.corrupt:
    case resultCode.notADatabase:
      return 'DAMAGED';
    case resultCode.full:
      return 'DISK_FULL';
    default:
      return 'REFUSED';
  }
}

function sqliteCode(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}

function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
