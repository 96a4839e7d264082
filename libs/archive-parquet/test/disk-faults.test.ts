import type { ArchiveFile, ColumnArchive } from '@twofold/archive';
import { createParquetArchive } from '@twofold/archive-parquet';
import {
  countingIds,
  faultsOf,
  machineStream,
  makeRows,
  refusal,
  seededRandom,
  writeFile,
} from '@twofold/archive/testing';
import { describe, expect, it } from 'vitest';
import { FsFailure, PowerLossFs } from './power-loss-fs.ts';

let opened = 0;

/** An archive over a disk whose next fault is set from outside. */
function faultyArchive(): {
  disk: PowerLossFs;
  reopen: () => ColumnArchive;
  fault: { operation: string; path: RegExp; code: string } | null;
} {
  const harness: ReturnType<typeof faultyArchive> = {
    fault: null,
    disk: new PowerLossFs(seededRandom(1), (operation, path) => {
      const { fault } = harness;
      if (fault?.operation === operation && fault.path.test(path)) throw new FsFailure(fault.code, path);
    }),
    reopen: () => createParquetArchive({ directory: '/archive', fs: harness.disk, ids: countingIds(`F${opened++}x`) }),
  };
  return harness;
}

const rows = makeRows(1, 0, 0, 60);

async function archiveRows(archive: ColumnArchive): Promise<ArchiveFile> {
  const file = await writeFile(archive, rows);
  await archive.commit(await archive.head(machineStream.name), { add: [file], origins: [0] });
  return file;
}

describe('a disk that fails', () => {
  it('full while rows are written: says so, names nothing, leaves no partial file, and goes on when there is space', async () => {
    const harness = faultyArchive();
    const archive = harness.reopen();
    for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
      harness.fault = { operation: 'pwrite', path: /./, code };
      expect(await refusal(writeFile(archive, rows))).toBe('ARCHIVE_DISK_FULL');
      expect(harness.disk.paths()).toEqual([]);
    }
    harness.fault = null;
    await archiveRows(archive);
    expect((await harness.reopen().head(machineStream.name)).files).toHaveLength(1);
  });

  it('full while a name or a manifest is made: the file stays an orphan, and the next try succeeds', async () => {
    const harness = faultyArchive();
    const archive = harness.reopen();
    harness.fault = { operation: 'link', path: /parquet$/, code: 'ENOSPC' };
    expect(await refusal(writeFile(archive, rows))).toBe('ARCHIVE_DISK_FULL');
    const head = await archive.head(machineStream.name);
    harness.fault = null;
    const file = await writeFile(archive, rows);
    harness.fault = { operation: 'link', path: /manifests/, code: 'ENOSPC' };
    expect(await refusal(archive.commit(head, { add: [file], origins: [0] }))).toBe('ARCHIVE_DISK_FULL');
    harness.fault = null;
    expect((await harness.reopen().head(machineStream.name)).number).toBe(-1);
    expect((await archive.commit(head, { add: [file], origins: [0] }))?.number).toBe(0);
    expect(await faultsOf(harness.reopen())).toEqual([]);
    expect(harness.disk.paths().filter((path) => path.includes('unfinished'))).toEqual([]);
  });

  it('that can not sync a file: the file is thrown away, not synced again', async () => {
    const harness = faultyArchive();
    const archive = harness.reopen();
    harness.fault = { operation: 'datasync', path: /./, code: 'EIO' };
    expect(await refusal(writeFile(archive, rows))).toBe('ARCHIVE_IO');
    expect(harness.disk.paths()).toEqual([]);
    expect(await refusal(archive.commit(await archive.head(machineStream.name), { add: [], origins: [0] }))).toBe(
      'ARCHIVE_IO',
    );
    expect(harness.disk.paths()).toEqual([]);
    harness.fault = null;
    await archiveRows(archive);
    expect(await faultsOf(harness.reopen())).toEqual([]);
  });

  it('that can not sync a folder: this process never again claims that a name is durable; the next one may', async () => {
    const harness = faultyArchive();
    const archive = harness.reopen();
    const head = await archive.head(machineStream.name);
    const file = await writeFile(archive, rows);
    harness.fault = { operation: 'syncFolder', path: /manifests$/, code: 'EIO' };
    expect(await refusal(archive.commit(head, { add: [file], origins: [0] }))).toBe('ARCHIVE_IO');
    harness.fault = null;
    expect(await refusal(archive.commit(head, { add: [file], origins: [0] }))).toBe('ARCHIVE_IO');
    const next = harness.reopen();
    const settled = await next.commit(await next.head(machineStream.name), { add: [], origins: [0, 0] });
    expect(settled?.files).toEqual([file]);
  });

  it('that gives back other bytes than it took: the file is not published', async () => {
    const harness = faultyArchive();
    const { disk } = harness;
    const lying = {
      open: async (path: string, mode: 'read' | 'write' | 'create') => {
        const file = await disk.open(path, mode);
        if (mode !== 'read') return file;
        return {
          ...file,
          pread: async (bytes: Uint8Array, length: number, position: number) => {
            const read = await file.pread(bytes, length, position);
            bytes[0] = (bytes[0] ?? 0) ^ 1;
            return read;
          },
        };
      },
      stat: disk.stat.bind(disk),
      list: disk.list.bind(disk),
      makeFolder: disk.makeFolder.bind(disk),
      rename: disk.rename.bind(disk),
      link: disk.link.bind(disk),
      remove: disk.remove.bind(disk),
      syncFolder: disk.syncFolder.bind(disk),
      lock: disk.lock.bind(disk),
    };
    const archive = createParquetArchive({ directory: '/archive', fs: lying, ids: countingIds('Yx') });
    expect(await refusal(writeFile(archive, rows))).toBe('ARCHIVE_IO');
    expect(disk.paths()).toEqual([]);
  });

  it('leaves nothing unfinished behind when a file is given up or aborted', async () => {
    const harness = faultyArchive();
    const archive = harness.reopen();
    const writer = archive.create(machineStream, 0, 0);
    writer.append(rows.batch, rows.columns, 0, rows.columns.count, 60);
    await expect(writer.finish(AbortSignal.abort())).rejects.toThrow();
    const other = archive.create(machineStream, 0, 0);
    other.append(rows.batch, rows.columns, 0, rows.columns.count, 60);
    await other.abort();
    expect(harness.disk.paths()).toEqual([]);
  });
});
