import { controlRow, progressRecord, speedRow, view } from '@twofold/view-store/testing';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { connect, makeDurable } from '../src/connection.ts';
import { openEmbeddedStore } from '../src/index.ts';
import { migrate } from '../src/migrations/migrate.ts';
import { storeFileIn } from '../src/store-file.ts';
import { register } from '../src/store-registry.ts';
import { WriteGroup } from '../src/writes/write-group.ts';
import type { WriteOperation } from '../src/writes/write-operation.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { clock, ids } from './test-ports.ts';

test('calls of one tick share one transaction, however many ports they use', async () => {
  const options = { directory: temporaryFolder(), project: 'plant', ids, clock, mode: 'write' } as const;
  const store = await openEmbeddedStore(options);
  await store.progress.write([progressRecord({ next: 1 })]);
  const watcher = new DatabaseSync(storeFileIn(options.directory), { readOnly: true });
  const states = new Set<string>();
  const rows = watcher.prepare(
    'SELECT (SELECT count(*) FROM speed_rows) AS rows, (SELECT max(next) FROM progress) AS next',
  );
  let writing = true;
  const writes = Promise.all([
    ...Array.from({ length: 20 }, (_, i) => store.speedRows.write([speedRow({ bucket: i })])),
    store.progress.write([progressRecord({ next: 9 })]),
  ]).finally(() => (writing = false));
  while (writing) {
    const { rows: count, next } = rows.get() ?? {};
    states.add(`${Number(count)} rows, next ${Number(next)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writes;
  const { rows: count, next } = rows.get() ?? {};
  expect([count, next]).toEqual([20, 9]);
  for (const state of states) expect(['0 rows, next 1', '20 rows, next 9']).toContain(state);
  watcher.close();
  await store.close();
});

function groupIn(folder: string): { group: WriteGroup; db: DatabaseSync } {
  const file = storeFileIn(folder);
  const db = new DatabaseSync(file);
  migrate(db, file, 0);
  register(db, 'plant', 'i', 0);
  return { db, group: new WriteGroup(db, { file, project: 'plant', incarnation: 'i', reportConflicts: false }) };
}

test('a call that the store refuses does not take with it the calls that share its transaction', () => {
  const { group, db } = groupIn(temporaryFolder());
  const progress = (next: number): WriteOperation => ({
    kind: 'progress',
    records: [progressRecord({ next, partition: next })],
  });
  const [good, bad, last] = group.run([progress(1), progress(0.5), progress(2)]);
  expect(good).toMatchObject({ result: null });
  expect(bad).toMatchObject({ failure: 'REFUSED', unknown: false });
  expect(last).toMatchObject({ result: null });
  expect(
    db
      .prepare('SELECT next FROM progress ORDER BY next')
      .all()
      .map((row) => row['next']),
  ).toEqual([1, 2]);
  db.close();
});

test('E5: a commit is synced before it is acknowledged, also past the cache of the disk', () => {
  const db = connect(storeFileIn(temporaryFolder()), { readOnly: false });
  makeDurable(db);
  const settings = ['journal_mode', 'synchronous', 'fullfsync', 'checkpoint_fullfsync'];
  const found = settings.map((name) => db.prepare(`PRAGMA ${name}`).get()?.[name]);
  expect(found).toEqual(['wal', 2, 1, 1]);
  db.close();
});

test('a missing field never keeps an old value: the write is refused (C9)', async () => {
  const store = await openEmbeddedStore({ directory: temporaryFolder(), project: 'plant', ids, clock, mode: 'write' });
  await store.progress.write([progressRecord({ next: 1, maxEventTime: 5 })]);
  const { maxEventTime: _, ...short } = progressRecord({ next: 2 });
  await expect(store.progress.write([short as ReturnType<typeof progressRecord>])).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    retryable: false,
  });
  expect(await store.progress.read(view)).toEqual([progressRecord({ next: 1, maxEventTime: 5 })]);
  await store.control.create(controlRow(store.incarnation));
  await store.close();
});
