import { progressRecord } from '@twofold/view-store/testing';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openForWriting, storeFileIn } from '../src/store-file.ts';
import { register } from '../src/store-registry.ts';
import { StoreWriter } from '../src/writes/store-writer.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('when the writing thread dies, a write may be tried again, a set is of unknown outcome, and the next write starts a new thread', async () => {
  const file = storeFileIn(join(temporaryFolder(), 'not there yet'));
  const writer = new StoreWriter({ file, project: 'plant', incarnation: 'i', reportConflicts: false });
  const write = () => writer.write({ kind: 'progress', records: [progressRecord({ next: 1 })] });
  const set = () => writer.write({ kind: 'setControl', sequence: 2, body: '{}' });
  const [written, wasSet] = await Promise.allSettled([write(), set()]);
  expect(written).toMatchObject({ reason: { code: 'STORE_UNAVAILABLE', retryable: true } });
  expect(wasSet).toMatchObject({ reason: { code: 'OUTCOME_UNKNOWN', retryable: false } });
  const db = openForWriting(file, 0);
  register(db, 'plant', 'i', 0);
  expect(await write()).toBeNull();
  expect(await set()).toBe(false);
  expect(db.prepare('SELECT next FROM progress').get()?.['next']).toBe(1);
  await writer.close();
  await expect(write()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  db.close();
});
