/**
 * A file system, as far as the embedded stores need one. What is written can be read back at once by everyone; it
 * outlives a loss of power only after `datasync` of the file, and a new, renamed or removed name only after
 * `syncFolder` of its folder. Failures are errors with a POSIX `code`: see `fsErrorCode`.
 */
export interface Fs {
  /**
   * `read`: the file must be there. `write`: as well, for reading and writing. `create`: must not be there (EEXIST),
   * for reading and writing.
   */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<FsFile>;
  /** Null: nothing of this name. */
  stat(path: string): Promise<{ readonly sizeBytes: number; readonly folder: boolean } | null>;
  /** Names in a folder, without an order. */
  list(folder: string): Promise<readonly string[]>;
  /** Makes the folder and those above it; fine when it is there. */
  makeFolder(path: string): Promise<void>;
  /** Replaces `to` when it is there. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; EEXIST when `to` is taken: put-if-absent. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file. */
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  /**
   * Takes the one lock of this name, which the system lets go of when its holder dies, however it dies; null when
   * somebody else has it, in this process or another. The lock is not the file: do nothing else with the path.
   */
  lock(path: string): Promise<FsLock | null>;
}

/** An open file. Positions and lengths in bytes. */
export interface FsFile {
  /** Reads into `bytes[0, length)`; gives how many were read, fewer than `length` only at the end of the file. */
  pread(bytes: Uint8Array, length: number, position: number): Promise<number>;
  /** Writes all of `bytes`. After an error any part of it may be written. */
  pwrite(bytes: Uint8Array, position: number): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  /**
   * Makes what was written durable. After an error nothing is known of what was written since the last success:
   * doing it again proves nothing.
   */
  datasync(): Promise<void>;
  sizeBytes(): Promise<number>;
  close(): Promise<void>;
}

export interface FsLock {
  release(): Promise<void>;
}

/** The POSIX code of a failure of `Fs` ("ENOENT", "ENOSPC", "EIO" …); undefined when it is no such failure. */
export function fsErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
