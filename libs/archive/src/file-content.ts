import type { ArchivedColumns } from './archived-columns.ts';

/** All that a data file holds. */
export interface FileContent {
  readonly stream: string;
  /** Fingerprint of the stream version that decided the columns and classes. */
  readonly fingerprint: string;
  readonly columns: ArchivedColumns;
  /** Were all records' original bytes kept, or only those of rejected ones? */
  readonly bytesKept: boolean;
  /** Original bytes by row: null is a null key or value; undefined where they were not kept. */
  readonly keys: readonly (Uint8Array | null | undefined)[];
  readonly values: readonly (Uint8Array | null | undefined)[];
}

/** How a file's content becomes bytes and comes back. Pure, and deterministic. */
export interface FileCodec {
  readonly extension: string;
  write(content: FileContent): Uint8Array;
  /** Throws whatever it likes on bytes it did not write: callers check length and hash first. */
  read(bytes: Uint8Array): FileContent;
}
