import { controlRow, progressRecord, speedRow, view, jobRow } from '@twofold/view-store/testing';
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { destroyEmbeddedStore, openEmbeddedStore } from '../src/index.ts';
import { storeFileIn } from '../src/store-file.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { clock, ids } from './test-ports.ts';

const all = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity };
const gone = { code: 'STORE_GONE', retryable: false };

test('E5: when the files are removed under open handles, their reads and writes fail with STORE_GONE', async () => {
  const options = { directory: temporaryFolder(), project: 'plant', ids, clock };
  const writer = await openEmbeddedStore({ ...options, mode: 'write' });
  const reader = await openEmbeddedStore({ ...options, mode: 'read' });
  await writer.speedRows.write([speedRow()]);
  await writer.control.create(controlRow(writer.incarnation));
  const file = storeFileIn(options.directory);
  for (const each of [file, `${file}-wal`, `${file}-shm`]) rmSync(each, { force: true });
  const refused = async (): Promise<void> => {
    await expect(writer.speedRows.write([speedRow({ appliedOffset: 60 })])).rejects.toMatchObject(gone);
    await expect(writer.control.compareAndSet(controlRow(writer.incarnation, { sequence: 2 }))).rejects.toMatchObject(
      gone,
    );
    for (const store of [writer, reader]) {
      await expect(store.control.read()).rejects.toMatchObject(gone);
      await expect(store.speedRows.read(all)).rejects.toMatchObject(gone);
    }
  };
  await refused();
  const fresh = await openEmbeddedStore({ ...options, mode: 'write' });
  expect(fresh.incarnation).not.toBe(writer.incarnation);
  await refused();
  expect(await fresh.speedRows.read(all)).toEqual([]);
  for (const store of [writer, reader, fresh]) await store.close();
});

test('projects of one folder are apart: neither sees, sweeps nor loses what is the other’s', async () => {
  const directory = temporaryFolder();
  const names = ['plant', `plant' OR '1'='1`, 'plant\u0000', 'PLANT'];
  const stores = await Promise.all(
    names.map((project) => openEmbeddedStore({ directory, project, ids, clock, mode: 'write' })),
  );
  expect(new Set(stores.map((store) => store.incarnation)).size).toBe(names.length);
  for (const [i, store] of stores.entries()) {
    await store.speedRows.write([speedRow({ appliedOffset: 50 + i })]);
    await store.progress.write([progressRecord({ next: 50 + i })]);
    await store.control.create(controlRow(store.incarnation, { live: `r${i}` }));
    expect(await store.jobs.compareAndSet(jobRow(store.incarnation))).toBe(true);
  }
  expect(await stores[1]?.speedRows.sweep(view, 0, 1_000)).toBe(1);
  await destroyEmbeddedStore({ directory, project: names[0] ?? '' });
  await expect(stores[0]?.control.read()).rejects.toMatchObject(gone);
  for (const [i, store] of stores.entries()) {
    if (i === 0) continue;
    expect(await store.speedRows.read(all)).toEqual(i === 1 ? [] : [speedRow({ appliedOffset: 50 + i })]);
    expect(await store.progress.read(view)).toEqual([progressRecord({ next: 50 + i })]);
    expect((await store.control.read())?.live).toBe(`r${i}`);
  }
  for (const store of stores) await store.close();
});
