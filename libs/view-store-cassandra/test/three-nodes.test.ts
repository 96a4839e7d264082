import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ViewStore } from '@twofold/view-store';
import { viewStoreContract } from '@twofold/view-store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { destroyCassandraStore, openCassandraStore, type CassandraSettings } from '../src/index.ts';
import { removeCassandra, startCassandra } from './services-of-tests.ts';
import { clock, ids } from './test-ports.ts';

/** Three nodes with a copy of every row each: with one of them dead the store keeps its contract. They take 3 GB and some minutes. */
const timeoutMs = 300_000;

if (process.env['TWOFOLD_TEST_SERVICES'] !== '1') {
  console.log('SKIPPED: the Cassandra store on three nodes; TWOFOLD_TEST_SERVICES=1 runs it (Java 17 and Maven)');
  describe.skip('the Cassandra store on three nodes', () => it('keeps its contract with one killed', () => undefined));
} else {
  const folder = mkdtempSync(path.join(tmpdir(), 'cassandra-three-'));
  let settings: CassandraSettings;
  /** A handle from before the first kill. */
  let early: ViewStore | null = null;

  beforeAll(async () => {
    const { address, pids } = await startCassandra(folder, '--nodes', '3', '--cassandra-heap', '512');
    const contactPoints = address.split(',');
    settings = {
      contactPoints,
      localDataCenter: 'datacenter1',
      keyspace: 'three',
      replication: { datacenter1: 3 },
      requestTimeoutMs: 30_000,
    };
    early = await openCassandraStore({
      settings: { ...settings, keyspace: 'three_early' },
      project: 'early',
      ids,
      clock,
    });
    process.kill(pids[2] ?? 0, 'SIGKILL');
    while (await listens(contactPoints[2] ?? '')) await clock.sleep(50);
  }, 900_000);
  afterAll(async () => {
    await early?.close();
    await removeCassandra(folder);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('goes on through a handle that was opened before a node was killed', { timeout: timeoutMs }, async () => {
    for (let read = 0; read < 20; read++) expect(await early?.control.read()).toBe(null);
    const made = await openCassandraStore({ settings, project: 'first', ids, clock });
    expect(await made.control.read()).toBe(null);
    await made.close();
  });

  viewStoreContract('the Cassandra store on three nodes, one killed', async ({ project, onConflict }) => {
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

/** Does anybody listen there? */
function listens(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
