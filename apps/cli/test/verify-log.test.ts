import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ArchiveFile, ArchiveState } from '@twofold/archive';
import { openEmbeddedLog } from '@twofold/event-log-embedded';
import { instant, stream, text } from '@twofold/schemas';
import { nodeFs, systemClock, systemRng, ulidIds } from '@twofold/service';
import { count, project, tumbling, view } from '@twofold/views';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyLog } from '../src/verify-log.ts';

const readings = stream('readings', {
  fields: { sensor: text(), at: instant('ms') },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
});
const perMinute = view('perMinute', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: () => ({ readings: count() }),
  levels: { '1m': '30d' },
  serve: [{ key: ['sensor'] }],
});
const plant = project('plant', { streams: [readings], views: [perMinute] });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'twofold-verify-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A log of several segments, trimmed to start at or below `keepFrom`; gives where it starts. */
async function trimmedLog(keepFrom: number): Promise<number> {
  const clock = systemClock();
  const ids = ulidIds(clock, systemRng());
  const directory = path.join(folder, 'log');
  const log = await openEmbeddedLog({ directory, fs: nodeFs, clock, ids, mode: 'write', segmentBytes: 2_000 });
  await log.ensureTopic('plant.readings', { partitions: 1 });
  const value = new Uint8Array(200);
  for (let i = 0; i < 40; i++) await log.append('plant.readings', [{ key: null, value }]);
  await log.trim('plant.readings', 0, keepFrom);
  const [range] = await log.partitions('plant.readings');
  await log.close();
  return range?.start ?? -1;
}

/** An archive that has the positions below `end`. */
const archiveUpTo = (origins: readonly number[], end: number) => ({
  head: (name: string): Promise<ArchiveState> =>
    Promise.resolve({
      stream: name,
      number: 0,
      hash: '',
      origins,
      redactions: [],
      files: end > 0 ? [{ partition: 0, from: 0, to: end } as ArchiveFile] : [],
    }),
});

test('what retention has taken is no damage as long as the archive has it', async () => {
  const start = await trimmedLog(20);
  expect(start).toBeGreaterThan(8);
  const { faults, records } = await verifyLog(plant, folder, archiveUpTo([0], start));
  expect([faults, records]).toEqual([[], 40 - start]);
});

test('positions that neither log nor archive has are named', async () => {
  const start = await trimmedLog(20);
  const { faults } = await verifyLog(plant, folder, archiveUpTo([0], start - 3));
  const lost = { code: 'POSITIONS_LOST', topic: 'plant.readings', partition: 0, from: start - 3, to: start };
  expect(faults).toMatchObject([lost]);
});

test('a partition that the archive knows and the log does not have is named', async () => {
  await trimmedLog(0);
  const { faults } = await verifyLog(plant, folder, archiveUpTo([0, 0], 5));
  expect(faults).toMatchObject([{ code: 'POSITIONS_LOST', partition: 1, from: 0, to: null }]);
});
