import { readAll, record } from '@twofold/event-log/testing';
import { nodeFs, systemClock } from '@twofold/service';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openEmbeddedLog } from '../src/index.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function made() {
  const directory = mkdtempSync(path.join(tmpdir(), 'twofold-log-'));
  folders.push(directory);
  let made = 0;
  const ids = { next: () => `I${String(made++).padStart(25, '0')}` };
  const options = { directory, fs: nodeFs, clock: systemClock(), ids } as const;
  const log = await openEmbeddedLog({ ...options, mode: 'write' });
  await log.ensureTopic('a', { partitions: 1 });
  return { directory, options, log };
}

/** Segments in whose bytes the text is. */
function segmentsWith(directory: string, text: string): string[] {
  const folder = path.join(directory, 'topics/a/0');
  return readdirSync(folder).filter((name) => readFileSync(path.join(folder, name)).includes(text));
}

test('E21: a segment that was closed can be let go of whole, while appends go on and after a restart', async () => {
  const { directory, options, log } = await made();
  await log.append('a', [record('k', 'canary'), record('k', 'two')]);
  const more = log.append('a', [record('k', 'three')]);
  const base = await log.seal('a', 0);
  await more;
  await log.append('a', [record('k', 'four')]);
  expect([2, 3]).toContain(base);
  expect(await log.seal('a', 0)).toBe(4);
  // Of an empty one there is nothing to close.
  expect(await log.seal('a', 0)).toBe(4);
  expect(segmentsWith(directory, 'canary')).toHaveLength(1);
  const { clock } = options;
  const beside = await openEmbeddedLog({ directory, fs: nodeFs, clock, mode: 'read' });
  expect(await beside.partitions('a')).toEqual([{ partition: 0, start: 0, end: 4 }]);
  await log.trim('a', 0, 4);
  expect(segmentsWith(directory, 'canary')).toEqual([]);
  expect(await beside.partitions('a')).toEqual([{ partition: 0, start: 4, end: 4 }]);
  await log.close();
  const again = await openEmbeddedLog({ ...options, mode: 'write' });
  expect(await again.partitions('a')).toEqual([{ partition: 0, start: 4, end: 4 }]);
  const { offsets } = await again.append('a', [record('k', 'five')]);
  expect([...offsets]).toEqual([4]);
  expect((await readAll(again, 'a', 0, 4)).map(({ value }) => value)).toEqual(['five']);
  expect((await readAll(beside, 'a', 0, 4)).map(({ value }) => value)).toEqual(['five']);
  await beside.close();
  await again.close();
});
