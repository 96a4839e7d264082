import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EventLog } from '@twofold/event-log';
import { readAll, record } from '@twofold/event-log/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { FaultyFs } from './faulty-fs.ts';
import { openTestLog } from './make-log.ts';

const filler = (i: number): ReturnType<typeof record> => record(`key-${i}`, `${i}:${'x'.repeat(200)}`);

/** Appends until the disk is full; gives what was acknowledged by partition. */
async function fill(log: EventLog): Promise<string[][]> {
  const acknowledged: string[][] = [[], []];
  for (let i = 0; ; i++) {
    const sent = filler(i);
    try {
      const { partitions } = await log.append('a', [sent]);
      acknowledged[partitions[0] ?? 0]?.push(Buffer.from(sent.value ?? []).toString('latin1'));
    } catch (error) {
      expect(error).toMatchObject({ code: 'LOG_DISK_FULL', retryable: true });
      expect(String(error)).toMatch(/no space left.*free some space and try again/s);
      return acknowledged;
    }
  }
}

async function expectValues(log: EventLog, expected: readonly string[][]): Promise<void> {
  for (const [partition, values] of expected.entries()) {
    expect((await readAll(log, 'a', partition, 0)).map(({ value }) => value)).toEqual(values);
  }
}

describe('a full disk', () => {
  // Many sizes, so that the space ends in every part of a write: frame, seal, header of the next segment.
  it('is told to the appender, takes nothing acknowledged with it, and is forgotten when there is space again', async () => {
    for (let freeBytes = 0; freeBytes < 2_500; freeBytes += 37) {
      const fs = new FaultyFs();
      const open = (): Promise<EventLog> => openTestLog('/data/log', { fs, segmentBytes: 700 });
      const log = await open();
      await log.ensureTopic('a', { partitions: 2 });
      fs.freeBytes = freeBytes;
      const acknowledged = await fill(log);
      await expectValues(log, acknowledged);
      fs.freeBytes = 1_000_000;
      const { partitions } = await log.append('a', [filler(1), filler(2), filler(3)]);
      for (const [i, partition] of [...partitions].entries())
        acknowledged[partition]?.push(`${i + 1}:${'x'.repeat(200)}`);
      await expectValues(log, acknowledged);
      await log.close();
      const again = await open();
      await expectValues(again, acknowledged);
      await again.close();
    }
  }, 60_000);

  it('refuses a new topic and leaves nothing of it that would be in the way later', async () => {
    for (let freeBytes = 0; freeBytes < 400; freeBytes += 13) {
      const fs = new FaultyFs();
      const log = await openTestLog('/data/log', { fs });
      fs.freeBytes = freeBytes;
      const refused = await log.ensureTopic('a', { partitions: 2 }).then(
        () => null,
        (error: unknown) => error,
      );
      if (refused !== null) expect(refused).toMatchObject({ code: 'LOG_DISK_FULL' });
      fs.freeBytes = 1_000_000;
      await log.ensureTopic('a', { partitions: 2 });
      await log.append('a', [filler(1)]);
      await log.close();
    }
  });
});

const mountPoint = mkdtempSync(path.join(tmpdir(), 'twofold-small-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mountPoint]).status === 0;
afterAll(() => {
  if (mounted) spawnSync('umount', [mountPoint]);
  rmSync(mountPoint, { recursive: true, force: true });
});
if (!mounted) console.warn('skipped: a small real disk (a tmpfs can not be mounted here; the modelled one was tested)');

describe.skipIf(!mounted)('a full real disk', () => {
  it('is told to the appender and takes nothing acknowledged with it', async () => {
    const directory = path.join(mountPoint, 'log');
    const log = await openTestLog(directory, { segmentBytes: 50_000 });
    await log.ensureTopic('a', { partitions: 2 });
    const acknowledged = await fill(log);
    expect(acknowledged.flat().length).toBeGreaterThan(100);
    await expectValues(log, acknowledged);
    await log.trim('a', 0, acknowledged[0]?.length ?? 0);
    await log.append('a', [filler(1)]);
    await log.close();
    const again = await openTestLog(directory, { segmentBytes: 50_000 });
    const kept = (await again.partitions('a')).reduce((sum, { end }) => sum + end, 0);
    expect(kept).toBe(acknowledged.flat().length + 1);
    await again.close();
  });
});
