import { speedRow, view } from '@twofold/view-store/testing';
import { Client } from 'cassandra-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCassandraStore, type CassandraSettings } from '../src/index.ts';
import { cassandra } from './cassandra-under-test.ts';
import { clock, ids } from './test-ports.ts';

const server = await cassandra();
const everything = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity };

describe.runIf(server !== null)('the Cassandra store under faults', () => {
  const settings = { ...(server as CassandraSettings), keyspace: `twofold_faults_${process.pid}` };
  const project = 'plant';
  const open = () => openCassandraStore({ settings, project, ids, clock });
  const { keyspace } = settings;
  let raw: Client;

  beforeAll(async () => {
    raw = new Client({ contactPoints: [...settings.contactPoints], localDataCenter: settings.localDataCenter });
    await raw.connect();
  });
  afterAll(async () => {
    await raw.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
    await raw.shutdown();
  });

  it('is made once by five programs that begin at the same time, which all get one incarnation', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, open));
    expect(new Set(stores.map((store) => store.incarnation)).size).toBe(1);
    await stores[0]?.speedRows.write([speedRow()]);
    expect(await stores[4]?.speedRows.read(everything)).toEqual([speedRow()]);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('refuses a keyspace of a newer program and changes nothing', async () => {
    await (await open()).close();
    await raw.execute(`INSERT INTO ${keyspace}.migrations (number, name, applied_at) VALUES (99, 'future', 1)`);
    await expect(open()).rejects.toMatchObject({ code: 'STORE_FORMAT_UNKNOWN', facts: { format: 99 } });
    await raw.execute(`DELETE FROM ${keyspace}.migrations WHERE number = 99`);
    await (await open()).close();
  });

  it('takes the migration over from a program that died with the lock', async () => {
    const other = { ...settings, keyspace: `${keyspace}_locked` };
    await (await openCassandraStore({ settings: other, project, ids, clock })).close();
    await raw.execute(`DELETE FROM ${other.keyspace}.migrations WHERE number IN (1, 2, 3)`);
    await raw.execute(`INSERT INTO ${other.keyspace}.migrations (number, owner) VALUES (0, 'dead') USING TTL 3`);
    await (await openCassandraStore({ settings: other, project, ids, clock })).close();
    const steps = await raw.execute(`SELECT number FROM ${other.keyspace}.migrations`);
    expect(steps.rows.map((row) => Number(row.get('number')))).toContain(1);
    await raw.execute(`DROP KEYSPACE ${other.keyspace}`);
  });

  it.each(['speed_rows', 'speed_blocks', 'progress', 'control'])(
    'E5: tells its handles when %s was emptied, and whoever opens it next begins a new store',
    { timeout: 120_000 },
    async (table) => {
      const store = await open();
      await store.speedRows.write([speedRow()]);
      expect(await store.control.read()).toBe(null);
      await raw.execute(`TRUNCATE ${keyspace}.${table}`);
      await expect(store.control.read()).rejects.toMatchObject({
        code: 'STORE_GONE',
        facts: { table: `${keyspace}.${table}` },
      });
      const successors = await Promise.all([open(), open(), open()]);
      expect(new Set(successors.map(({ incarnation }) => incarnation)).size).toBe(1);
      expect(successors[0]?.incarnation).not.toBe(store.incarnation);
      expect(await successors[1]?.speedRows.read(everything)).toEqual([]);
      expect(await successors[2]?.control.read()).toBe(null);
      await Promise.all([store, ...successors].map((each) => each.close()));
    },
  );

  it.each(['chunks', 'chunk_directory', 'build_indexes'])(
    'E5: is begun anew by whoever opens it after %s was emptied',
    { timeout: 120_000 },
    async (table) => {
      const store = await open();
      await raw.execute(`TRUNCATE ${keyspace}.${table}`);
      const successor = await open();
      expect(successor.incarnation).not.toBe(store.incarnation);
      await expect(store.control.read()).rejects.toMatchObject({ code: 'STORE_GONE' });
      await Promise.all([store, successor].map((each) => each.close()));
    },
  );

  it('refuses a row that was changed behind its back, and names it', async () => {
    const store = await open();
    await store.speedRows.write([speedRow()]);
    const key = 'project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND block = 0';
    const row = speedRow();
    await raw.execute(
      `UPDATE ${keyspace}.speed_rows SET cell = 0x01ff WHERE ${key} AND bucket = ? AND start = ? AND "end" = ?`,
      [project, store.incarnation, view.view, view.version, 0, row.bucket, row.start, row.end],
      { prepare: true },
    );
    await expect(store.speedRows.read(everything)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    await store.close();
  });

  it('says what to look at when no node answers, and that it may be tried again', async () => {
    const nowhere = { ...settings, contactPoints: ['127.0.0.1:1'] };
    await expect(openCassandraStore({ settings: nowhere, project, ids, clock })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retryable: true,
    });
  });

  it.each([
    [{ keyspace: 'x; DROP KEYSPACE y' }, 'keyspace'],
    [{ keyspace: 'Upper' }, 'keyspace'],
    [{ contactPoints: [] }, 'contactPoints'],
    [{ replication: {} }, 'replication'],
    [{ replication: { "dc'": 1 } }, 'replication'],
    [{ replication: { datacenter1: 0.5 } }, 'replication'],
  ])('refuses settings before anything is sent: %j', async (wrong, name) => {
    const opened = openCassandraStore({ settings: { ...settings, ...wrong }, project, ids, clock });
    await expect(opened).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
    await expect(opened).rejects.toThrow(name);
  });
});
