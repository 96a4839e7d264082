import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openEmbeddedStore } from '../src/index.ts';
import { storeFileIn } from '../src/store-file.ts';
import { startChild } from './child-process.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { clock, ids } from './test-ports.ts';

/** For root nothing is read-only, so the store is opened by a process of "nobody" then. */
const uid = process.getuid?.() === 0 ? '65534' : '0';

function readOnlyFolder(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  onTestFinished(() => chmodSync(folder, 0o755));
  return folder;
}

async function openAsNobody(directory: string): Promise<readonly string[]> {
  const child = startChild('open-and-report.program.ts', [directory, uid]);
  expect(await child.ended()).toEqual({ code: 0, errors: '' });
  return child.lines();
}

test('a folder that may not be written is named by STORE_READ_ONLY, and nothing is left in it', async () => {
  const folder = readOnlyFolder();
  chmodSync(folder, 0o555);
  for (const directory of [folder, join(folder, 'below')]) {
    const [code, message] = await openAsNobody(directory);
    expect(code).toBe('STORE_READ_ONLY');
    expect(message).toMatch(`the view store can not be written in ${directory}: EACCES`);
    expect(message).toMatch('Make the folder writable for this user, or name another data folder.');
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('a store that may not be written is refused with STORE_READ_ONLY when it is opened', async () => {
  const folder = readOnlyFolder();
  const store = await openEmbeddedStore({ directory: folder, project: 'plant', ids, clock, mode: 'write' });
  await store.close();
  chmodSync(storeFileIn(folder), 0o444);
  chmodSync(folder, 0o777);
  expect((await openAsNobody(folder))[0]).toBe('STORE_READ_ONLY');
});
