import { controlRow, noise, partChunk, progressRecord, speedRow, view } from '@twofold/view-store/testing';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openEmbeddedStore } from '../src/index.ts';
import { storeFileIn } from '../src/store-file.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { clock, ids } from './test-ports.ts';

const all = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity };

/** A closed store with a row of each kind that answers are made of. */
async function filledStore() {
  const options = { directory: temporaryFolder(), project: 'plant', ids, clock, mode: 'write' } as const;
  const store = await openEmbeddedStore(options);
  await store.speedRows.write([0, 1, 2].map((bucket) => speedRow({ bucket, bytes: noise(bucket, 30_000) })));
  await store.progress.write([progressRecord({ next: 77 })]);
  await store.parts.writeChunks('p1', [partChunk(0, { bytes: noise(9, 50_000) })]);
  await store.control.create(controlRow(store.incarnation));
  await store.close();
  return { options, file: storeFileIn(options.directory) };
}

test('C12: a file that is no database is refused with STORE_DAMAGED, which says what to do', async () => {
  const { options, file } = await filledStore();
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 0, 4_096);
  writeFileSync(file, bytes);
  await expect(openEmbeddedStore(options)).rejects.toMatchObject({
    code: 'STORE_DAMAGED',
    retryable: false,
    message: `the view store ${file} is damaged (file is not a database). Stop every program that uses it, move ${file}, ${file}-wal and ${file}-shm away, and start again: the views are rebuilt from the archive and the log, which are not touched.`,
  });
  expect(readFileSync(file).equals(bytes)).toBe(true);
});

test('C12: a file that was cut short is refused with STORE_DAMAGED, at the latest when it is read', async () => {
  const { options, file } = await filledStore();
  truncateSync(file, 3 * 4_096);
  const read = async (): Promise<void> => {
    const store = await openEmbeddedStore(options);
    try {
      await store.speedRows.read(all);
    } finally {
      await store.close();
    }
  };
  await expect(read()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
});

test('C12: a flipped bit in the bytes of a speed row or a chunk is an error, never other bytes', async () => {
  const { options, file } = await filledStore();
  const flipped = readFileSync(file);
  for (const bytes of [noise(1, 30_000), noise(9, 50_000)]) {
    const at = flipped.indexOf(Buffer.from(bytes.subarray(10_000, 10_050)));
    expect(at).toBeGreaterThan(0);
    flipped[at + 20] = (flipped[at + 20] ?? 0) ^ 0x10;
  }
  writeFileSync(file, flipped);
  const store = await openEmbeddedStore(options);
  const damaged = {
    code: 'STORE_DAMAGED',
    message: expect.stringContaining('"readings-by-sensor",1,0,1,0,100,50') as string,
  };
  await expect(store.speedRows.read(all)).rejects.toMatchObject(damaged);
  await expect(store.speedRows.read({ ...all, buckets: [1] })).rejects.toMatchObject(damaged);
  expect((await store.speedRows.read({ ...all, buckets: [0, 2] })).length).toBe(2);
  await expect(store.parts.chunk('p1', 0)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  await store.close();
});

test.each([
  ['a progress record', 'UPDATE progress SET next = next + 64', 'progress'],
  ['the control row', `UPDATE control SET body = replace(body, '"r1"', '"r3"')`, 'control'],
  ['a speed row of another place', 'UPDATE speed_rows SET bucket = bucket + 8', 'speed_rows'],
])('C12: %s that was changed behind the store is an error when it is read', async (_, sql, table) => {
  const { options, file } = await filledStore();
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
  const store = await openEmbeddedStore(options);
  const reads: Record<string, () => Promise<unknown>> = {
    progress: () => store.progress.read(view),
    control: () => store.control.read(),
    speed_rows: () => store.speedRows.read(all),
  };
  for (const [name, read] of Object.entries(reads))
    if (name === table) await expect(read()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    else await read();
  await store.close();
});
