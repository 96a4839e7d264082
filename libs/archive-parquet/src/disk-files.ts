import { ArchiveError, unfinishedFolder } from '@twofold/archive';
import type { RemovableBlobs } from '@twofold/archive';
import { fsErrorCode } from '@twofold/service';
import type { Fs, Ids } from '@twofold/service';

/** The archive's folder: immutable files that are there whole or not at all. */
export interface DiskFiles extends RemovableBlobs {
  pathOf(name: string): string;
  /** A path nobody else uses, for a file that has no name yet; its folder exists. */
  unfinishedPath(): Promise<string>;
  /** Gives an unfinished file, already synced, its name, and makes the name durable. False: the name is taken. The unfinished path is gone after. */
  publish(unfinished: string, name: string): Promise<boolean>;
  /** Removes an unfinished file; fine when it is gone. */
  discard(unfinished: string): Promise<void>;
}

export function createDiskFiles(fs: Fs, directory: string, ids: Ids): DiskFiles {
  const durableFolders = new Set<string>();
  // After a folder sync fails, nobody knows which names a loss of power would take back. Only a new process may go on.
  let lost: unknown = null;

  const pathOf = (name: string): string => `${directory}/${name}`;

  async function ensureFolder(folder: string): Promise<void> {
    if (durableFolders.has(folder)) return;
    await fs.makeFolder(folder);
    // A new folder is durable once the one above it is synced, and so on up to the one above the archive's own.
    for (let at = folder; at.length >= directory.length; at = parentOf(at)) await syncNames(parentOf(at));
    durableFolders.add(folder);
  }

  async function syncNames(folder: string): Promise<void> {
    if (lost !== null) throw ioError('sync', folder, lost);
    try {
      await fs.syncFolder(folder);
    } catch (error) {
      lost = error;
      throw ioError('sync', folder, error);
    }
  }

  async function discard(unfinished: string): Promise<void> {
    try {
      await fs.remove(unfinished);
    } catch {
      // Nobody reads unfinished files, so one that stays is only space.
    }
  }

  async function publish(unfinished: string, name: string): Promise<boolean> {
    const folder = parentOf(pathOf(name));
    let won = true;
    try {
      await ensureFolder(folder);
      await fs.link(unfinished, pathOf(name));
    } catch (error) {
      if (fsErrorCode(error) !== 'EEXIST') throw ioError('name', name, error);
      won = false;
    } finally {
      await discard(unfinished);
    }
    // Also when another process won: what we read of it from now on has to be there after a loss of power.
    await syncNames(folder);
    return won;
  }

  async function unfinishedPath(): Promise<string> {
    try {
      await ensureFolder(pathOf(unfinishedFolder));
    } catch (error) {
      throw ioError('make', unfinishedFolder, error);
    }
    return `${pathOf(unfinishedFolder)}/${ids.next()}`;
  }

  async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
    const file = await fs.open(path, 'create');
    try {
      await file.pwrite(bytes, 0);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  return {
    pathOf,
    unfinishedPath,
    publish,
    discard,

    async putIfAbsent(name, bytes) {
      const unfinished = await unfinishedPath();
      try {
        await writeWhole(unfinished, bytes);
      } catch (error) {
        await discard(unfinished);
        throw ioError('write', name, error);
      }
      return publish(unfinished, name);
    },

    get: (name) => readWhole(fs, pathOf(name)),

    async list(folder) {
      try {
        return (await fs.list(pathOf(folder))).map((name) => `${folder}/${name}`);
      } catch (error) {
        if (fsErrorCode(error) === 'ENOENT') return [];
        throw ioError('list', folder, error);
      }
    },

    // Not synced: a name that comes back after a loss of power is found and removed once more.
    async remove(name) {
      try {
        await fs.remove(pathOf(name));
      } catch (error) {
        if (fsErrorCode(error) !== 'ENOENT') throw ioError('remove', name, error);
      }
    },
  };
}

/** A failure of the file system as an error of the archive. Both kinds may succeed when tried again. */
export function ioError(what: string, name: string, cause: unknown): ArchiveError {
  if (cause instanceof ArchiveError) return cause;
  const code = fsErrorCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new ArchiveError(
      'ARCHIVE_DISK_FULL',
      `The archive's disk is full (${code}): could not ${what} ${name}. No manifest names what was not finished; free some space and it goes on where it was.`,
      { retryable: true, facts: { name, code }, cause },
    );
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ArchiveError(
    'ARCHIVE_IO',
    `Could not ${what} ${name}: ${why}. Nothing that was named before is touched.`,
    {
      retryable: true,
      facts: { name, code: code ?? null },
      cause,
    },
  );
}

async function readWhole(fs: Fs, path: string): Promise<Uint8Array | null> {
  try {
    const file = await fs.open(path, 'read');
    try {
      const bytes = new Uint8Array(await file.sizeBytes());
      return bytes.subarray(0, await file.pread(bytes, bytes.length, 0));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (fsErrorCode(error) === 'ENOENT') return null;
    throw ioError('read', path, error);
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : path.slice(0, slash);
}
