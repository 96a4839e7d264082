import { progressRecord, view } from '@twofold/view-store/testing';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { destroyEmbeddedStore, openEmbeddedStore } from '../src/index.ts';
import { applicationId, migrate, migrations } from '../src/migrations/migrate.ts';
import type { Migration } from '../src/migrations/migration.ts';
import { storeFileIn } from '../src/store-file.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { clock, ids } from './test-ports.ts';

const contentOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const optionsIn = (directory: string) => ({ directory, project: 'plant', ids, clock });

function change(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

test('a file of a newer format is refused with STORE_FORMAT_UNKNOWN and stays as it was, byte by byte', async () => {
  const options = optionsIn(temporaryFolder());
  const file = storeFileIn(options.directory);
  const first = await openEmbeddedStore({ ...options, mode: 'write' });
  await first.progress.write([progressRecord({ next: 3 })]);
  await first.close();
  change(file, 'PRAGMA user_version = 7');
  const before = contentOf(file);
  const refused = { code: 'STORE_FORMAT_UNKNOWN', facts: { file, format: 7, known: migrations.length } };
  for (const mode of ['write', 'read'] as const)
    await expect(openEmbeddedStore({ ...options, mode })).rejects.toMatchObject(refused);
  await expect(openEmbeddedStore({ ...options, mode: 'write' })).rejects.toThrow(
    `${file} has format 7, this program knows formats up to ${migrations.length}; nothing was changed. Use the newer program that wrote it, or name another data folder.`,
  );
  await expect(destroyEmbeddedStore(options)).rejects.toMatchObject(refused);
  expect(contentOf(file)).toBe(before);
  change(file, `PRAGMA user_version = ${migrations.length}`);
  const again = await openEmbeddedStore({ ...options, mode: 'write' });
  expect(await again.progress.read(view)).toEqual([progressRecord({ next: 3 })]);
  await again.close();
});

test('a database of somebody else is refused with STORE_FORMAT_UNKNOWN and stays as it was', async () => {
  const options = optionsIn(temporaryFolder());
  const file = storeFileIn(options.directory);
  change(file, 'CREATE TABLE photos (name TEXT)');
  const before = contentOf(file);
  for (const mode of ['write', 'read'] as const)
    await expect(openEmbeddedStore({ ...options, mode })).rejects.toMatchObject({ code: 'STORE_FORMAT_UNKNOWN' });
  expect(contentOf(file)).toBe(before);
});

test('many handles opened at once on an empty folder agree on one store', async () => {
  const options = optionsIn(join(temporaryFolder(), 'made', 'on the way'));
  const stores = await Promise.all([1, 2, 3, 4].map(() => openEmbeddedStore({ ...options, mode: 'write' })));
  expect(new Set(stores.map((store) => store.incarnation)).size).toBe(1);
  for (const store of stores) await store.close();
});

test('steps are applied once, in order, each recorded; a step that fails leaves the one before it', () => {
  const file = join(temporaryFolder(), 'steps.sqlite');
  const applied: number[] = [];
  const step = (number: number, sql: string): Migration => ({
    number,
    name: `step-${number}`,
    up: (db) => {
      applied.push(number);
      db.exec(sql);
    },
  });
  const one = step(1, 'CREATE TABLE IF NOT EXISTS a (x INTEGER) STRICT; INSERT INTO a VALUES (1)');
  const two = step(2, 'ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET y = x');
  const broken = step(3, 'UPDATE a SET y = 0; SELECT * FROM missing');
  const db = new DatabaseSync(file);
  migrate(db, file, 10, [one]);
  migrate(db, file, 20, [one]);
  migrate(db, file, 30, [one, two]);
  expect(() => migrate(db, file, 40, [one, two, broken])).toThrow('missing');
  expect(
    db
      .prepare('SELECT * FROM a')
      .all()
      .map((row) => ({ ...row })),
  ).toEqual([{ x: 1, y: '1' }]);
  migrate(db, file, 50, [one, two]);
  expect(applied).toEqual([1, 2, 3]);
  const recorded = db.prepare('SELECT number, name, applied_at FROM migrations').all();
  expect(recorded.map((row) => Object.values(row))).toEqual([
    [1, 'step-1', 10],
    [2, 'step-2', 30],
  ]);
  expect(db.prepare('PRAGMA application_id').get()?.['application_id']).toBe(applicationId);
  db.close();
});

test('the numbers of the steps rise by one from 1, and every step does no harm when it runs again', () => {
  expect(migrations.map((each) => each.number)).toEqual(migrations.map((_, i) => i + 1));
  const db = new DatabaseSync(':memory:');
  for (const each of migrations) {
    each.up(db);
    each.up(db);
  }
  const tables = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").all();
  for (const { name, sql } of tables) expect(sql, String(name)).toMatch(/\) STRICT/);
  for (const { name } of tables)
    expect(
      Object.values(db.prepare(`SELECT name FROM pragma_table_info(?) WHERE pk = 1`).get(name ?? null) ?? {}),
    ).toEqual(['project']);
  db.close();
});
