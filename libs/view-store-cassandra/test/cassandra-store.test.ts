import type { ViewStore } from '@twofold/view-store';
import { viewStoreContract } from '@twofold/view-store/testing';
import { Client } from 'cassandra-driver';
import { afterAll, it } from 'vitest';
import { destroyCassandraStore, openCassandraStore } from '../src/index.ts';
import { cassandra } from './cassandra-under-test.ts';
import { clock, ids } from './test-ports.ts';

const settings = await cassandra();

if (settings === null) it.skip("keeps the view store's contract on a real Cassandra");
else {
  afterAll(async () => {
    const { contactPoints, localDataCenter, keyspace } = settings;
    const raw = new Client({ contactPoints: [...contactPoints], localDataCenter });
    await raw.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
    await raw.shutdown();
  });

  viewStoreContract('the Cassandra store', async ({ project, onConflict }) => {
    let opened: ViewStore[] = [];
    const open = async (): Promise<ViewStore> => {
      const store = await openCassandraStore({ settings, project, ids, clock, onConflict });
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
      destroy: () => destroyCassandraStore({ settings, project }),
      dispose: () => destroyCassandraStore({ settings, project }),
    };
  });
}
