import { LogError } from '@twofold/event-log';
import { fsErrorCode } from '@twofold/service';

/** A stretch of a log file: offsets `[from, to)` beginning at a byte position. `to` null: not known. */
export interface DamagedPlace {
  readonly file: string;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number | null;
  readonly position: number;
}

export function damaged(place: DamagedPlace, detail: string): LogError {
  const range = place.to === null ? `from offset ${place.from} on` : `offsets [${place.from}, ${place.to})`;
  return new LogError(
    'LOG_DAMAGED',
    `topic "${place.topic}", partition ${place.partition}: ${range} in "${place.file}" at byte ${place.position}: ` +
      `${detail}. Nothing was changed; restore the file from a copy, or the range from the archive`,
    { facts: { ...place, detail } },
  );
}

export function metaDamaged(file: string, detail: string): LogError {
  return new LogError('LOG_DAMAGED', `"${file}": ${detail}. Nothing was changed; restore the file from a copy`, {
    facts: { file, detail },
  });
}

export function formatUnknown(file: string, found: unknown, known: number): LogError {
  return new LogError(
    'LOG_FORMAT_UNKNOWN',
    `"${file}" has format ${String(found)}; this version of Twofold knows format ${known}. Nothing was changed; ` +
      `use the version that wrote it`,
    { facts: { file, found, known } },
  );
}

export function logPoisoned(cause: unknown): LogError {
  return new LogError(
    'LOG_IO',
    'an earlier write to the log failed in a way that leaves unknown what is durable; nothing more is appended ' +
      'until the log is closed and opened again, which checks its files',
    { cause, facts: { poisoned: true } },
  );
}

/** A failed file operation in the log's own words: LOG_DISK_FULL, or LOG_IO for all else. Log errors pass through. */
export function ioFailure(doing: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const code = fsErrorCode(error);
  if (isDiskFull(error)) {
    return new LogError(
      'LOG_DISK_FULL',
      `no space left: ${doing}. Nothing of it was kept and the log is as it was; free some space and try again`,
      { cause: error, retryable: true, facts: { doing, code } },
    );
  }
  const hint =
    code === 'EACCES' || code === 'EROFS' || code === 'EPERM' ? '; make the folder writable or choose another' : '';
  return new LogError('LOG_IO', `${doing} failed${code === undefined ? '' : ` with ${code}`}${hint}`, {
    cause: error,
    facts: { doing, code },
  });
}

export function isDiskFull(error: unknown): boolean {
  const code = fsErrorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'LOG_DISK_FULL';
}
