import { type FileHandle, constants, link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { Fs, FsFile, FsLock } from './fs.ts';
import { fsErrorCode } from './fs.ts';

/** The machine's file system. */
export const nodeFs: Fs = {
  open: async (path, mode) => new NodeFile(await open(path, flagsOf[mode])),
  stat: async (path) => {
    try {
      const found = await stat(path);
      return { sizeBytes: found.size, folder: found.isDirectory() };
    } catch (error) {
      const code = fsErrorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw error;
    }
  },
  list: (folder) => readdir(folder),
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true });
  },
  rename,
  link,
  remove: unlink,
  syncFolder: async (path) => {
    // Windows can not open folders; there names are durable when the call that made them returns.
    if (process.platform === 'win32') return;
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  lock: async (path) => takeLock(path),
};

const flagsOf = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
};

class NodeFile implements FsFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async pread(bytes: Uint8Array, length: number, position: number): Promise<number> {
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async pwrite(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#handle.truncate(sizeBytes);
  }

  datasync(): Promise<void> {
    return this.#handle.datasync();
  }

  async sizeBytes(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/**
 * Node has no file locks of its own; SQLite has, on every platform, and they are the system's: gone with the process
 * that held them, also after kill -9, and seen by containers that share the folder. An empty database in exclusive
 * mode is used for nothing but its lock.
 */
function takeLock(path: string): FsLock | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return null;
    throw error;
  }
  return {
    release: async () => {
      if (database.isOpen) database.close();
    },
  };
}

const sqliteBusy = 5;
