import { progressRecord, speedRow, view, jobRow } from '@twofold/view-store/testing';
import { expect, test } from 'vitest';
import { openEmbeddedStore } from '../src/index.ts';
import { startChild } from './child-process.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { clock, ids } from './test-ports.ts';

test('E15: two processes at once never win the same sequence, and lose none', { timeout: 60_000 }, async () => {
  const directory = temporaryFolder();
  const goal = 150;
  const children = ['a', 'b'].map((name) =>
    startChild('set-control.program.ts', [directory, 'plant', name, `${goal}`]),
  );
  for (const child of children) expect(await child.ended()).toEqual({ code: 0, errors: '' });
  const won = children.flatMap((child) => child.lines().map(Number)).sort((a, b) => a - b);
  expect(won).toEqual(Array.from({ length: goal }, (_, i) => i + 1));
  const store = await openEmbeddedStore({ directory, project: 'plant', ids, clock, mode: 'read' });
  expect((await store.control.read())?.sequence).toBe(goal);
  await store.close();
});

test('a handle that only reads sees what another wrote, and refuses every change with STORE_READ_ONLY', async () => {
  const options = { directory: temporaryFolder(), project: 'plant', ids, clock };
  const noStore = { code: 'STORE_UNAVAILABLE', retryable: true };
  await expect(openEmbeddedStore({ ...options, mode: 'read' })).rejects.toMatchObject(noStore);
  const writer = await openEmbeddedStore({ ...options, mode: 'write' });
  await expect(openEmbeddedStore({ ...options, project: 'other', mode: 'read' })).rejects.toMatchObject(noStore);
  const reader = await openEmbeddedStore({ ...options, mode: 'read' });
  expect(reader.incarnation).toBe(writer.incarnation);
  await writer.progress.write([progressRecord({ next: 7 })]);
  expect(await reader.progress.read(view)).toEqual([progressRecord({ next: 7 })]);
  const refused = { code: 'STORE_READ_ONLY' };
  await expect(reader.speedRows.write([speedRow()])).rejects.toMatchObject(refused);
  await expect(reader.jobs.compareAndSet(jobRow(reader.incarnation))).rejects.toMatchObject(refused);
  await expect(reader.parts.remove({ parts: ['p'], builds: [] })).rejects.toMatchObject(refused);
  await writer.close();
  expect(await reader.progress.read(view)).toEqual([progressRecord({ next: 7 })]);
  await reader.close();
});
