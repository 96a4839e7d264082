import { createMemoryArchive, createMemoryBlobs } from '@twofold/archive';
import { archiveContract, countingIds } from '@twofold/archive/testing';

let opened = 0;

archiveContract('memory', async ({ keepBytes }) => {
  const bytes = new Map<string, Uint8Array>();
  const blobs = createMemoryBlobs(bytes);
  const reopen = (): ReturnType<typeof createMemoryArchive> =>
    createMemoryArchive({ blobs, ids: countingIds(`M${opened++}x`), keepBytes: () => keepBytes });
  return {
    archive: reopen(),
    reopen,
    stored: {
      get: async (name) => bytes.get(name)?.slice() ?? null,
      put: async (name, content) => void bytes.set(name, content.slice()),
      remove: async (name) => void bytes.delete(name),
    },
    close: async () => undefined,
  };
});
