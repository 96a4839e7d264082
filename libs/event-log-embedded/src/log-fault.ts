import { LogError } from '@twofold/event-log';
import { fsErrorCode } from '@twofold/service';

/** Something in a log's files that is not as it was written. */
export interface LogFault {
  readonly code: 'FILE_DAMAGED' | 'FILE_MISSING' | 'FILE_UNREADABLE' | 'FORMAT_UNKNOWN';
  readonly file: string;
  readonly topic: string | null;
  readonly partition: number | null;
  /** The byte at which it begins; null where the whole file is meant. */
  readonly position: number | null;
  /** The offsets `[from, to)` that can not be read; empty when no record is touched; null: not known, or none. */
  readonly from: number | null;
  readonly to: number | null;
  readonly detail: string;
}

/** Something that looks odd and is no damage: the next opening for writing mends it. */
export interface LogRemark {
  readonly code: 'TORN_TAIL' | 'END_UNREADABLE' | 'SEGMENT_UNFINISHED';
  readonly file: string;
  readonly topic: string;
  readonly partition: number;
  /** Bytes of the file that do not count. */
  readonly bytes: number;
}

/** Where in the log a fault was met. */
export type FaultPlace = Omit<LogFault, 'code' | 'detail'>;

/** A failure of reading as a fault; what is neither the log's nor the file system's is thrown on. */
export function faultOf(error: unknown, place: FaultPlace): LogFault {
  if (error instanceof LogError) {
    const { file, detail } = error.facts;
    return {
      ...place,
      code: error.code === 'LOG_FORMAT_UNKNOWN' ? 'FORMAT_UNKNOWN' : 'FILE_DAMAGED',
      file: typeof file === 'string' ? file : place.file,
      detail: typeof detail === 'string' ? detail : error.message,
    };
  }
  const code = fsErrorCode(error);
  if (code === 'ENOENT') return { ...place, code: 'FILE_MISSING', detail: 'there is no such file' };
  if (code === undefined) throw error;
  return { ...place, code: 'FILE_UNREADABLE', detail: `reading it failed with ${code}` };
}
