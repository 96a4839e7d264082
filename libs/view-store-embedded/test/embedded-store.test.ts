import type { ViewStore } from '@twofold/view-store';
import { viewStoreContract } from '@twofold/view-store/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyEmbeddedStore, openEmbeddedStore } from '../src/index.ts';
import { clock, ids } from './test-ports.ts';

viewStoreContract('the embedded store', async ({ project, onConflict }) => {
  const directory = mkdtempSync(join(tmpdir(), 'twofold-view-store-'));
  let opened: ViewStore[] = [];
  const open = async (): Promise<ViewStore> => {
    const store = await openEmbeddedStore({ directory, project, ids, clock, mode: 'write', onConflict });
    opened.push(store);
    return store;
  };
  return {
    open,
    reopen: async () => {
      await Promise.all(opened.map((store) => store.close()));
      opened = [];
      return open();
    },
    destroy: () => destroyEmbeddedStore({ directory, project }),
    dispose: async () => rmSync(directory, { recursive: true, force: true }),
  };
});
