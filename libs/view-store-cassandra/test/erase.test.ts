import { deadLetter, partChunk, speedRow, view } from '@twofold/view-store/testing';
import { Client } from 'cassandra-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { destroyCassandraStore, openCassandraStore, tablesHolding, type CassandraSettings } from '../src/index.ts';
import { cassandra } from './cassandra-under-test.ts';
import { clock, ids } from './test-ports.ts';

const server = await cassandra();
const bytes = new TextEncoder().encode('canary-of-the-plant');
const BLOCK = 2 ** 20;

describe.runIf(server !== null)('E21: erasing from the Cassandra store', () => {
  const settings = { ...(server as CassandraSettings), keyspace: `twofold_erase_${process.pid}` };
  const { keyspace } = settings;
  const project = 'plant';
  const open = () => openCassandraStore({ settings, project, ids, clock });
  let raw: Client;
  /** What a SELECT would find, whatever the store shows of it. */
  const found = async (table: string, ...columns: string[]): Promise<unknown[][]> => {
    const { rows } = await raw.execute(`SELECT project, ${columns.join(', ')} FROM ${keyspace}.${table}`);
    const mine = rows.filter((row) => row.get('project') === project);
    return mine.map((row) => columns.map((column) => Number(row.get(column)))).sort();
  };

  beforeAll(async () => {
    raw = new Client({ contactPoints: [...settings.contactPoints], localDataCenter: settings.localDataCenter });
    await raw.connect();
  });
  afterAll(async () => {
    await raw.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
    await raw.shutdown();
  });

  it('deletes rows below the mark of a block that reaches over it, and of a sweep that was cut short', async () => {
    const store = await open();
    const starts = [0, 64, BLOCK, BLOCK + 64, BLOCK + 128];
    const rows = starts.flatMap((start) =>
      [0, 3].map((bucket) => speedRow({ bucket, start, end: start + 64, appliedOffset: start + 64, bytes })),
    );
    await store.speedRows.write(rows);
    const mark = [BLOCK + 128, BLOCK + 128, project, store.incarnation, view.view, view.version, 0];
    await raw.execute(
      `UPDATE ${keyspace}.speed_blocks USING TIMESTAMP ? SET below = ?
       WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ?`,
      mark,
      { prepare: true },
    );
    expect(await store.speedRows.sweep(view, 0, BLOCK + 128)).toBe(0);
    expect((await found('speed_rows', 'start')).length).toBeGreaterThan(10);
    expect(await store.erase()).toMatchObject({ goneBy: expect.any(Number) as number });
    const kept = rows.slice(-2);
    expect((await found('speed_rows', 'bucket', 'start')).filter(([bucket]) => bucket !== -1)).toEqual(
      kept.map(({ bucket, start }) => [bucket, start]),
    );
    const everything = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity };
    expect(await store.speedRows.read(everything)).toEqual(kept);
    // Nor is one of the rest found that comes late.
    await store.speedRows.write(rows);
    expect(await store.speedRows.read(everything)).toEqual(kept);
    await store.close();
  });

  it('is looked for in each table of the keyspace, whatever somebody named it, and in rows of the project only', async () => {
    const store = await open();
    await raw.execute(
      `CREATE TABLE ${keyspace}."OddName" (project text, id int, note blob, PRIMARY KEY (project, id))`,
    );
    const insert = `INSERT INTO ${keyspace}."OddName" (project, id, note) VALUES (?, ?, ?)`;
    const text = 'seen-by-nobody';
    await raw.execute(insert, ['another', 1, Buffer.from(text)], { prepare: true });
    expect(await tablesHolding(settings, project, text)).toEqual([]);
    await raw.execute(insert, [project, 1, Buffer.from(`<${text}>`)], { prepare: true });
    expect(await tablesHolding(settings, project, text)).toEqual(['OddName']);
    await raw.execute(`DROP TABLE ${keyspace}."OddName"`);
    await store.close();
  });

  it('deletes chunks of a part whose removal was cut short, or that came after it', async () => {
    const store = await open();
    const chunks = [partChunk(0, { bytes }), partChunk(1, { bytes })];
    for (const part of ['1.marked', '1.late', '2.kept']) await store.parts.writeChunks(part, chunks);
    const ofParts = (part: string): unknown[] => [project, store.incarnation, part];
    await raw.execute(
      `INSERT INTO ${keyspace}.stored_ids (project, incarnation, kind, id, state) VALUES (?, ?, 'part', ?, 'removed')
       USING TIMESTAMP 2`,
      ofParts('1.marked'),
      { prepare: true },
    );
    await store.parts.remove({ parts: ['1.late'], builds: [] });
    const late = `INSERT INTO ${keyspace}.chunks (project, incarnation, part, number, bytes) VALUES (?, ?, ?, 7, 0x00) USING TIMESTAMP 1`;
    await raw.execute(late, ofParts('1.late'), { prepare: true });
    expect((await store.parts.list()).parts).toEqual(['2.kept']);
    const before = (await found('chunks', 'number')).filter(([number]) => number !== -1);
    expect(before).toEqual([[0], [0], [1], [1], [7]]);
    await store.parts.forgetRemoved('2');
    await store.erase();
    for (const table of ['chunks', 'chunk_directory'])
      expect((await found(table, 'number')).filter(([number]) => number !== -1)).toEqual([[0], [1]]);
    expect(await store.parts.chunk('2.kept', 1)).toEqual(bytes);
    await store.close();
  });

  it('deletes rows of stores that this one came after, and leaves those of another project and the guards', async () => {
    const former = await open();
    await former.speedRows.write([speedRow({ bytes })]);
    await former.parts.writeChunks('1.former', [partChunk(0, { bytes })]);
    await former.ledger.write([], [deadLetter({ detail: 'canary' })]);
    await former.close();
    await destroyCassandraStore({ settings, project });
    const neighbour = await openCassandraStore({ settings, project: 'other', ids, clock });
    await neighbour.speedRows.write([speedRow()]);
    const store = await open();
    await store.ledger.write([], [deadLetter({ detail: 'kept' })]);
    await store.erase();
    const tables = ['speed_rows', 'chunks', 'chunk_directory', 'dead_letters'];
    for (const table of tables) {
      const { rows } = await raw.execute(`SELECT project, incarnation FROM ${keyspace}.${table}`);
      const mine = rows.filter((row) => row.get('project') === project);
      expect(new Set(mine.map((row) => row.get('incarnation') as string))).toEqual(new Set([store.incarnation]));
    }
    expect((await store.ledger.deadLetters('readings', { limit: 10 })).length).toBe(1);
    const everything = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity };
    expect(await neighbour.speedRows.read(everything)).toEqual([speedRow()]);
    const again = await open();
    expect(again.incarnation).toBe(store.incarnation);
    await Promise.all([again, neighbour, store].map((each) => each.close()));
  });

  it('of a store that is not the registered one any more deletes nothing', async () => {
    const former = await open();
    await destroyCassandraStore({ settings, project });
    const store = await open();
    await store.speedRows.write([speedRow()]);
    await expect(former.erase()).rejects.toMatchObject({ code: 'STORE_GONE' });
    const everything = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity };
    expect(await store.speedRows.read(everything)).toEqual([speedRow()]);
    await Promise.all([former, store].map((each) => each.close()));
  });
});
