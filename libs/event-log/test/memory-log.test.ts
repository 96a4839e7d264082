import { createMemoryLog } from '@twofold/event-log';
import { createTestClock, eventLogContract, readAll, record, recordsOf } from '@twofold/event-log/testing';
import { describe, expect, it } from 'vitest';

eventLogContract('the memory log', async ({ clock, maxRecordBytes }) => {
  const log = createMemoryLog({ clock, maxRecordBytes });
  let open = log;
  return {
    log: open,
    // Memory outlives nothing: reopening is going on with the same one.
    reopen: async () => open,
    recreate: async (topic) => {
      open.recreate(topic);
      return open;
    },
    dispose: async () => {
      open = log;
    },
  };
});

describe('the memory log, in what only a test may do', () => {
  it('counts control positions in the range of a batch and gives no record for them', async () => {
    const log = createMemoryLog({ clock: createTestClock() });
    await log.ensureTopic('a', { partitions: 1 });
    await log.append('a', [record('k', '0'), record('k', '1')]);
    log.addControl('a', 0, 2);
    await log.append('a', [record('k', '4')]);
    log.addControl('a', 0, 1);
    const cursor = log.open('a', 0);
    const whole = await cursor.read(0);
    expect([whole.baseOffset, whole.nextOffset, whole.count]).toEqual([0, 6, 3]);
    expect([...whole.offsets]).toEqual([0, 1, 4]);
    const inside = await cursor.read(2, { to: 4 });
    expect([inside.baseOffset, inside.nextOffset, inside.count]).toEqual([2, 4, 0]);
    expect((await readAll(log, 'a', 0, 3)).map((each) => each.value)).toEqual(['4']);
  });

  it('overwrites a batch at the next read of its cursor, so that a test catches whoever keeps one', async () => {
    const log = createMemoryLog({ clock: createTestClock() });
    await log.ensureTopic('a', { partitions: 1 });
    await log.append('a', [record('k', 'kept too long')]);
    const cursor = log.open('a', 0);
    const kept = await cursor.read(0);
    await cursor.read(1);
    expect(recordsOf(kept)[0]?.value).not.toBe('kept too long');
  });

  it('wakes a waiting reader when its topic is recreated, which then stands above the end', async () => {
    const log = createMemoryLog({ clock: createTestClock() });
    await log.ensureTopic('a', { partitions: 1 });
    await log.append('a', [record('k', 'v')]);
    const read = log.open('a', 0).read(1, { waitMs: 600_000 });
    log.recreate('a');
    await expect(read).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', facts: { offset: 1, end: 0 } });
  });
});
