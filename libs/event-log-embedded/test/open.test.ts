import { readAll, record, recordsOf } from '@twofold/event-log/testing';
import { openEmbeddedLog } from '@twofold/event-log-embedded';
import { describe, expect, it } from 'vitest';
import { FaultyFs } from './faulty-fs.ts';
import { logClock, openTestLog } from './make-log.ts';

const directory = '/data/log';

describe('opening the embedded log', () => {
  it('says what to do when the folder can not be written', async () => {
    const fs = new FaultyFs();
    fs.makeFolder = () => Promise.reject(Object.assign(new TypeError('read-only'), { code: 'EROFS' }));
    await expect(openTestLog(directory, { fs })).rejects.toMatchObject({
      code: 'LOG_IO',
      message:
        `opening the event log in "${directory}" failed with EROFS; ` + 'make the folder writable or choose another',
    });
  });

  it('refuses to read where no log is, without making one', async () => {
    const fs = new FaultyFs();
    await expect(openEmbeddedLog({ directory, fs, clock: logClock(), mode: 'read' })).rejects.toMatchObject({
      code: 'LOG_IO',
      message: `there is no event log in "${directory}"; start what writes it first`,
      retryable: true,
    });
    expect([...fs.files()]).toEqual([]);
  });

  it('lets go of the lock when it can not be opened', async () => {
    const fs = new FaultyFs();
    await (await openTestLog(directory, { fs })).close();
    const path = `${directory}/log.json`;
    const files = fs.files();
    const broken = FaultyFs.of(new Map(files).set(path, new Uint8Array(3)));
    for (let i = 0; i < 2; i++) {
      await expect(openTestLog(directory, { fs: broken })).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    }
  });
});

describe('batches of many frames', () => {
  it('are read from any place and in any size, a record larger than a frame among them', async () => {
    const fs = new FaultyFs();
    const log = await openTestLog(directory, { fs });
    await log.ensureTopic('a', { partitions: 1 });
    const values = Array.from({ length: 4_000 }, (_, i) => `${i}:${'x'.repeat(i === 1_500 ? 400_000 : i % 150)}`);
    await log.append(
      'a',
      values.map((value) => record(null, value)),
    );
    expect((await readAll(log, 'a', 0, 0)).map(({ value }) => value)).toEqual(values);
    const cursor = log.open('a', 0);
    for (const [from, maxBytes] of [
      [1_499, 10],
      [1_499, 500_000],
      [1_500, 1],
      [1_501, 70_000],
      [3_999, 1],
      [0, 100_000],
      [2_777, 3_000_000],
      [1, 0],
    ] as const) {
      const batch = await cursor.read(from, { maxBytes });
      expect(recordsOf(batch).map(({ value }) => value)).toEqual(values.slice(from, batch.nextOffset));
      expect(batch.nextOffset).toBeGreaterThan(from);
    }
    await log.close();
  });
});

describe('a follower', () => {
  it('sees trims and new segments of its writer, and what it held open stays readable until then', async () => {
    const fs = new FaultyFs();
    const settings = { fs, segmentBytes: 300 };
    const writer = await openTestLog(directory, settings);
    await writer.ensureTopic('a', { partitions: 1 });
    const follower = await openEmbeddedLog({ directory, fs, clock: logClock(), mode: 'read', pollMs: 1 });
    const cursor = follower.open('a', 0);
    const next = cursor.read(0, { waitMs: 600_000 });
    for (let i = 0; i < 20; i++) await writer.append('a', [record('k', `${i}:${'x'.repeat(60)}`)]);
    expect(recordsOf(await next)[0]?.value).toMatch(/^0:/);
    await writer.trim('a', 0, 15);
    const range = (await writer.partitions('a'))[0];
    expect(range?.start).toBeGreaterThan(0);
    await expect(follower.open('a', 0).read(2)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    expect((await follower.partitions('a'))[0]).toEqual(range);
    expect((await readAll(follower, 'a', 0, 15)).map(({ offset }) => offset)).toEqual([15, 16, 17, 18, 19]);
    await follower.close();
    await writer.close();
  });

  it('learns of topics and partitions that are made while it follows', async () => {
    const fs = new FaultyFs();
    const writer = await openTestLog(directory, { fs });
    const follower = await openEmbeddedLog({ directory, fs, clock: logClock(), mode: 'read', pollMs: 1 });
    const cursor = follower.open('a', 1);
    await expect(cursor.read(0)).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    await writer.ensureTopic('a', { partitions: 1 });
    await expect(cursor.read(0)).rejects.toMatchObject({ code: 'UNKNOWN_PARTITION' });
    await writer.ensureTopic('a', { partitions: 2 });
    expect((await cursor.read(0)).count).toBe(0);
    expect(await follower.identity('a')).toBe(await writer.identity('a'));
    await follower.close();
    await writer.close();
  });
});
