import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createParquetArchive } from '@twofold/archive-parquet';
import { archiveContract, countingIds } from '@twofold/archive/testing';

let opened = 0;

archiveContract('parquet', async ({ keepBytes }) => {
  const directory = await mkdtemp(join(tmpdir(), 'archive-'));
  const reopen = (): ReturnType<typeof createParquetArchive> =>
    createParquetArchive({ directory, ids: countingIds(`P${opened++}x`), keepBytes: () => keepBytes });
  return {
    archive: reopen(),
    reopen,
    stored: {
      get: async (name) => {
        try {
          return new Uint8Array(await readFile(join(directory, name)));
        } catch {
          return null;
        }
      },
      put: (name, bytes) => writeFile(join(directory, name), bytes),
      remove: (name) => rm(join(directory, name)),
    },
    close: () => rm(directory, { recursive: true }),
  };
});
