import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ColumnArchive } from '@twofold/archive';
import { createParquetArchive } from '@twofold/archive-parquet';
import { countingIds } from '@twofold/archive/testing';
import type { Fs } from '@twofold/service';

let opened = 0;

export interface TemporaryArchive {
  readonly directory: string;
  readonly archive: ColumnArchive;
  /** Another process over the same folder. */
  reopen(fs?: Fs): ColumnArchive;
}

/** Runs `use` with an archive in a folder of its own, which is removed afterwards. */
export async function withArchive<T>(
  options: { readonly fs?: Fs; readonly keepBytes?: boolean },
  use: (temporary: TemporaryArchive) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'archive-'));
  const reopen = (fs: Fs | undefined = options.fs): ColumnArchive =>
    createParquetArchive({
      directory,
      ids: countingIds(`T${opened++}x`),
      keepBytes: () => options.keepBytes ?? true,
      ...(fs === undefined ? {} : { fs }),
    });
  try {
    return await use({ directory, archive: reopen(), reopen });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
