import { type ArchivedRecords, type MemoryLog, createArchivedLog, createMemoryLog } from '@twofold/event-log';
import { createTestClock, readAll, record, recordsOf } from '@twofold/event-log/testing';
import { emptyBatch } from '@twofold/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const all = Array.from({ length: 100 }, (_, i) => record('k', `value-${i}`));

/** A log with 100 records, trimmed to `logStart`, and an archive of `[from, to)` that is a second log with all of them. */
async function split(logStart: number, archived: { from: number; to: number } | null, fileLength = 1_000) {
  const clock = createTestClock();
  const make = async (): Promise<MemoryLog> => {
    const log = createMemoryLog({ clock });
    await log.ensureTopic('a', { partitions: 1 });
    await log.append('a', all.slice(0, 40));
    await log.append('a', all.slice(40));
    return log;
  };
  const log = await make();
  await log.trim('a', 0, logStart);
  const whole = (await make()).open('a', 0);
  const asked: [from: number, to: number][] = [];
  const archive: ArchivedRecords = {
    range: async () => archived,
    read: async (_topic, _partition, from, to) => {
      asked.push([from, to]);
      return whole.read(from, { to: Math.min(to, from - (from % fileLength) + fileLength) });
    },
    blanks: async () => [],
  };
  return { log, archive, asked };
}

describe('the archived log', () => {
  it("reads below the log's start from the archive and the rest from the log, without a seam", async () => {
    const { log, archive, asked } = await split(60, { from: 0, to: 80 }, 25);
    const joined = createArchivedLog(log, archive);
    expect(await joined.partitions('a')).toEqual([{ partition: 0, start: 0, end: 100 }]);
    const found = await readAll(joined, 'a', 0, 0);
    expect(found.map((each) => each.value)).toEqual(all.map((_, i) => `value-${i}`));
    expect(found.map((each) => each.offset)).toEqual(all.map((_, i) => i));
    expect(asked.map(([from]) => from)).toEqual([0, 25, 50]);
  });

  it('E7: gives what the log alone would have given, for random edges, starts and sizes', async () => {
    const edges = fc.tuple(
      fc.nat(100),
      fc.nat(100),
      fc.nat(100),
      fc.nat(100),
      fc.nat(300),
      fc.integer({ min: 1, max: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(edges, async ([logStart, low, reach, from, maxBytes, archiveStep]) => {
        const archived = { from: low, to: Math.max(low, Math.min(100, logStart + reach)) };
        const { log, archive } = await split(logStart, archived, 30);
        const joined = createArchivedLog(log, archive, { archiveStep });
        const readable = from >= logStart || (from >= archived.from && from < archived.to);
        if (!readable) {
          await expect(readAll(joined, 'a', 0, from, () => maxBytes)).rejects.toMatchObject({
            code: 'OFFSET_OUT_OF_RANGE',
          });
          return;
        }
        const found = await readAll(joined, 'a', 0, from, () => maxBytes);
        expect(found.map((each) => each.value)).toEqual(all.map((_, i) => `value-${i}`).slice(from));
      }),
      { numRuns: 100 },
    );
  });

  it('prefers the log where both have the range', async () => {
    const { log, archive, asked } = await split(0, { from: 0, to: 100 });
    await readAll(createArchivedLog(log, archive), 'a', 0, 0);
    expect(asked).toEqual([]);
  });

  it('E7: refuses a range that neither has, with the edges of both', async () => {
    const { log, archive } = await split(60, { from: 10, to: 50 });
    const joined = createArchivedLog(log, archive);
    expect(await joined.partitions('a')).toEqual([{ partition: 0, start: 60, end: 100 }]);
    const cursor = joined.open('a', 0);
    for (const offset of [5, 50, 55, 101]) {
      await expect(cursor.read(offset)).rejects.toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
        facts: { topic: 'a', partition: 0, offset, start: 60, end: 100 },
      });
    }
    await expect(cursor.read(55)).rejects.toMatchObject({ facts: { archiveFrom: 10, archiveTo: 50 } });
    await expect(
      createArchivedLog(log, { ...archive, range: async () => null })
        .open('a', 0)
        .read(5),
    ).rejects.toMatchObject({ facts: { archiveFrom: null, archiveTo: null } });
  });

  it('takes an archive that gives nothing for a range it claims as a hole, instead of going round for ever', async () => {
    const { log } = await split(60, null);
    const hollow: ArchivedRecords = {
      range: async () => ({ from: 0, to: 60 }),
      read: async (_t, p, from) => emptyBatch(p, from),
      blanks: async () => [],
    };
    await expect(createArchivedLog(log, hollow).open('a', 0).read(5)).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
    });
  });

  it("keeps to `to`, to maxBytes and to its step below the log's start", async () => {
    const { log, archive, asked } = await split(60, { from: 0, to: 60 });
    const cursor = createArchivedLog(log, archive, { archiveStep: 20 }).open('a', 0);
    const bounded = await cursor.read(3, { to: 7 });
    expect([bounded.baseOffset, bounded.nextOffset, bounded.count]).toEqual([3, 7, 4]);
    const one = await cursor.read(3, { maxBytes: 1 });
    expect([recordsOf(one).map((each) => each.value), one.nextOffset]).toEqual([['value-3'], 4]);
    expect((await cursor.read(3)).nextOffset).toBe(23);
    expect(asked.at(-1)).toEqual([3, 23]);
  });

  it('goes over to the archive when the log lets go of a range under a reader', async () => {
    const { log, archive } = await split(0, { from: 0, to: 100 });
    const cursor = createArchivedLog(log, archive).open('a', 0);
    expect((await cursor.read(0, { to: 10 })).nextOffset).toBe(10);
    await log.trim('a', 0, 50);
    const batch = await cursor.read(10, { to: 12 });
    expect(recordsOf(batch).map((each) => each.value)).toEqual(['value-10', 'value-11']);
  });

  it("waits at the log's end like the log, and passes its identity on", async () => {
    const { log, archive } = await split(60, { from: 0, to: 60 });
    const joined = createArchivedLog(log, archive);
    expect(await joined.identity('a')).toBe(await log.identity('a'));
    const read = joined.open('a', 0).read(100, { waitMs: 600_000 });
    await log.append('a', [record('k', 'news')]);
    expect(recordsOf(await read).map((each) => each.value)).toEqual(['news']);
  });
});
