import { noise, progressRecord, speedRow, view } from '@twofold/view-store/testing';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openEmbeddedStore } from '../src/index.ts';
import { migrate } from '../src/migrations/migrate.ts';
import { storeFileIn } from '../src/store-file.ts';
import { register } from '../src/store-registry.ts';
import { WriteGroup } from '../src/writes/write-group.ts';
import { smallDisk } from './small-disk.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { clock, ids } from './test-ports.ts';

const all = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity };
const rowsOf = (next: number) =>
  [0, 1, 2, 3].map((bucket) =>
    speedRow({ start: next, end: next + 1, appliedOffset: next, bucket, bytes: noise(next * 4 + bucket, 30_000) }),
  );

test('C6: a full disk is STORE_DISK_FULL, what was acknowledged stays, and it works again when there is room', async (t) => {
  const disk = smallDisk(6);
  if ('reason' in disk) return t.skip(disk.reason);
  const ballast = join(disk.folder, 'ballast');
  writeFileSync(ballast, new Uint8Array(2 ** 21));
  const options = { directory: disk.folder, project: 'plant', ids, clock } as const;
  const store = await openEmbeddedStore({ ...options, mode: 'write' });
  let next = 0;
  const fill = async (): Promise<void> => {
    for (; next < 1_000; next++) {
      await store.speedRows.write(rowsOf(next + 1));
      await store.progress.write([progressRecord({ next: next + 1 })]);
    }
  };
  const full = { code: 'STORE_DISK_FULL', retryable: true };
  await expect(fill()).rejects.toMatchObject(full);
  await expect(store.speedRows.write(rowsOf(next + 1))).rejects.toMatchObject({
    ...full,
    message: `no space left for the view store in ${disk.folder}; nothing of this write was kept. Make room: it goes on by itself.`,
  });
  expect(next).toBeGreaterThan(3);
  const readable = async (): Promise<void> => {
    const found = await store.speedRows.read(all);
    expect((await store.progress.read(view))[0]?.next).toBe(next);
    expect(found.filter((row) => row.start <= next).length).toBe(4 * next);
    for (const row of found)
      expect(Buffer.compare(row.bytes, noise(row.start * 4 + row.bucket, 30_000)), `row ${row.start}`).toBe(0);
  };
  await readable();
  rmSync(ballast);
  next += 1;
  await store.speedRows.write(rowsOf(next));
  await store.progress.write([progressRecord({ next })]);
  await readable();
  await store.close();
});

test('C6: a store can not be made on a full disk, and can once there is room', async (t) => {
  const disk = smallDisk(1);
  if ('reason' in disk) return t.skip(disk.reason);
  const ballast = join(disk.folder, 'ballast');
  expect(() => writeFileSync(ballast, new Uint8Array(2 ** 21))).toThrow('ENOSPC');
  const options = { directory: disk.folder, project: 'plant', ids, clock, mode: 'write' } as const;
  await expect(openEmbeddedStore(options)).rejects.toMatchObject({ code: 'STORE_DISK_FULL', retryable: true });
  rmSync(ballast);
  const store = await openEmbeddedStore(options);
  await store.progress.write([progressRecord({ next: 3 })]);
  await store.close();
});

test('C6: a group that does not fit keeps nothing of what does not, and goes on when there is room', () => {
  const file = storeFileIn(temporaryFolder());
  const db = new DatabaseSync(file);
  migrate(db, file, 0);
  register(db, 'plant', 'i', 0);
  const group = new WriteGroup(db, { file, project: 'plant', incarnation: 'i', reportConflicts: false });
  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
  db.exec(`PRAGMA max_page_count = ${pages + 4}`);
  const large = { kind: 'speedRows', rows: rowsOf(1) } as const;
  const small = { kind: 'progress', records: [progressRecord({ next: 1 })] } as const;
  expect(group.run([large, small])).toMatchObject([{ failure: 'DISK_FULL', unknown: false }, { result: null }]);
  expect(db.prepare('SELECT count(*) AS rows FROM speed_rows').get()?.['rows']).toBe(0);
  db.exec('PRAGMA max_page_count = 100000');
  expect(group.run([large])).toMatchObject([{ result: null }]);
  expect(db.prepare('SELECT count(*) AS rows FROM speed_rows').get()?.['rows']).toBe(4);
  db.close();
});
