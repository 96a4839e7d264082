import { archivedEnd, createMemoryArchive } from '@twofold/archive';
import { ARCHIVE_DEFAULTS, compactArchive, LogArchiver } from '@twofold/batch-layer';
import { createMemoryLog } from '@twofold/event-log';
import { instant, stream, text } from '@twofold/schemas';
import { seededRng, virtualClock } from '@twofold/service/testing';
import { ulidIds } from '@twofold/service';
import { expect, test } from 'vitest';

const ticks = stream('ticks', {
  fields: { sensor: text(), at: instant('ms') },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
});

test('E13: small archive files are merged into larger ones, and every position stays covered', async () => {
  const clock = virtualClock();
  const ids = ulidIds(clock, seededRng(1));
  const log = createMemoryLog({ clock, ids });
  const archive = createMemoryArchive({ ids });
  await log.ensureTopic('t', { partitions: 1 });
  const value = (n: number): Uint8Array => new TextEncoder().encode(JSON.stringify({ sensor: 'a', at: n }));
  await log.append(
    't',
    Array.from({ length: 200 }, (_, n) => ({ key: null, value: value(n) })),
  );
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const archiver = new LogArchiver(
    { stream: ticks, topic: 't' },
    { log, archive, clock, logger: silent },
    { ...ARCHIVE_DEFAULTS, fileRecords: 10 },
  );
  const { signal } = new AbortController();
  const before = await archiver.archiveUntilEnd([0], signal);
  expect(before.files).toHaveLength(20);
  const limits = { maxRecords: 1_000, maxBytes: 1 << 30, minFiles: 4 };
  expect(await compactArchive(ticks, archive, signal, limits)).toBe(20);
  const after = await archive.head(ticks.name);
  expect(after.files.map((file) => [file.from, file.to])).toEqual([[0, 200]]);
  expect(archivedEnd(after, 0)).toBe(200);
  expect(await compactArchive(ticks, archive, signal, limits)).toBe(0);
});
