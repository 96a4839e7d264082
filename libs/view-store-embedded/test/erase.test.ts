import { deadLetter, partChunk, speedRow, view } from '@twofold/view-store/testing';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openEmbeddedStore } from '../src/index.ts';
import { partState } from '../src/writes/part-writes.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { clock, ids } from './test-ports.ts';

const CANARY = 'canary-of-the-plant';

/** Files of the folder in whose bytes the text is. */
function filesWith(directory: string, text: string): string[] {
  return readdirSync(directory).filter((name) => readFileSync(join(directory, name)).includes(text));
}

test('E21: no byte of a removed row is left in any file of the store, also while others have it open', async () => {
  const directory = temporaryFolder();
  const options = { directory, project: 'plant', ids, clock } as const;
  const store = await openEmbeddedStore({ ...options, mode: 'write' });
  const beside = await openEmbeddedStore({ ...options, mode: 'write' });
  const bytes = new TextEncoder().encode(CANARY.repeat(2_000));
  const rows = Array.from({ length: 40 }, (_, start) =>
    speedRow({ start, end: start + 1, appliedOffset: start + 1, bytes }),
  );
  await store.speedRows.write(rows);
  await store.parts.writeChunks('0-part', [
    { number: 0, rows: 1, sha256: 's', firstKey: bytes.slice(0, 40), firstPane: 0, bytes },
  ]);
  await store.ledger.write([], [deadLetter({ detail: CANARY })]);
  expect(filesWith(directory, CANARY)).not.toEqual([]);
  const kept = speedRow({ start: 64, end: 128, appliedOffset: 70, bytes: new Uint8Array([1, 2, 3]) });
  await store.speedRows.write([kept]);
  await store.speedRows.sweep(view, 0, 64);
  await store.parts.remove({ parts: ['0-part'], builds: [] });
  await store.ledger.dropDeadLetters('readings', 0, 1_000_000);
  expect(filesWith(directory, CANARY)).not.toEqual([]);
  const writing = beside.speedRows.write([{ ...kept, appliedOffset: 71 }]);
  expect(await store.erase()).toMatchObject({ goneBy: null });
  await writing;
  expect(filesWith(directory, CANARY)).toEqual([]);
  const query = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: 1_000 };
  expect(await beside.speedRows.read(query)).toMatchObject([{ start: 64, appliedOffset: 71 }]);
  await beside.close();
  await store.close();
  const reading = await openEmbeddedStore({ ...options, mode: 'read' });
  await expect(reading.erase()).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
  await reading.close();
});

test('E21: nor of a part whose removal was cut short, after which nobody lists it any more', async () => {
  const directory = temporaryFolder();
  const store = await openEmbeddedStore({ directory, project: 'plant', ids, clock, mode: 'write' });
  const bytes = new TextEncoder().encode(CANARY.repeat(2_000));
  const chunks = Array.from({ length: 100 }, (_, number) => partChunk(number, { bytes }));
  await store.parts.writeChunks('0-part', chunks);
  await store.parts.writeChunks('1-part', [partChunk(0)]);
  const [file = ''] = readdirSync(directory).filter((name) => name.endsWith('.sqlite'));
  const killed = new DatabaseSync(join(directory, file));
  killed.exec(`UPDATE parts SET state = ${partState.toFree} WHERE part = '0-part'`);
  killed.close();
  expect((await store.parts.list()).parts).toEqual(['1-part']);
  await store.erase();
  expect(filesWith(directory, CANARY)).toEqual([]);
  expect((await store.parts.directory('1-part')).length).toBe(1);
  await store.close();
});
