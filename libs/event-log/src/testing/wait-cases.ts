import { expect, it } from 'vitest';
import type { ContractContext } from './event-log-contract.ts';
import { record, recordsOf } from './read-records.ts';

export function waitCases(t: ContractContext): void {
  it('gives an empty batch at once when no wait was asked for', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const batch = await t.log.open('a', 0).read(0);
    expect([batch.count, batch.baseOffset, batch.nextOffset, batch.partition]).toEqual([0, 0, 0, 0]);
  });

  it('gives an empty batch when the wait is over', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    await t.log.append('a', [record('k', 'v')]);
    const batch = await t.log.open('a', 0).read(1, { waitMs: 15 });
    expect([batch.count, batch.baseOffset, batch.nextOffset]).toEqual([0, 1, 1]);
  });

  it('is woken by an append long before the wait is over', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const cursors = [t.log.open('a', 0), t.log.open('a', 0)];
    const reads = cursors.map((cursor) => cursor.read(0, { waitMs: 600_000 }));
    await t.clock.sleep(5);
    await t.log.append('a', [record('k', 'news')]);
    for (const batch of await Promise.all(reads)) expect(recordsOf(batch).map((each) => each.value)).toEqual(['news']);
  });

  it('is not woken by an append to another partition', async () => {
    await t.log.ensureTopic('a', { partitions: 2 });
    const probe = await t.log.append('a', [record('k', 'v')]);
    const other = probe.partitions[0] === 0 ? 1 : 0;
    const read = t.log.open('a', other).read(0, { waitMs: 40 });
    await t.log.append('a', [record('k', 'v')]);
    expect((await read).count).toBe(0);
  });

  it('follows the end: every append is seen once and in order by a reader that only waits', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const seen: (string | null)[] = [];
    const follow = async (): Promise<void> => {
      const cursor = t.log.open('a', 0);
      for (let next = 0; next < 90;) {
        const batch = await cursor.read(next, { waitMs: 600_000 });
        seen.push(...recordsOf(batch).map((each) => each.value));
        next = batch.nextOffset;
      }
    };
    const following = follow();
    for (let i = 0; i < 30; i++) {
      await t.log.append(
        'a',
        [0, 1, 2].map((k) => record('k', String(i * 3 + k))),
      );
    }
    await following;
    expect(seen).toEqual(Array.from({ length: 90 }, (_, i) => String(i)));
  });

  it('ends a wait with the reason of the signal', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const stop = new AbortController();
    const cursor = t.log.open('a', 0);
    const read = cursor.read(0, { waitMs: 600_000, signal: stop.signal });
    const reason = new Error('shutting down');
    stop.abort(reason);
    await expect(read).rejects.toBe(reason);
    await expect(cursor.read(0, { signal: stop.signal })).rejects.toBe(reason);
    await t.log.append('a', [record('k', 'v')]);
    expect((await cursor.read(0)).count).toBe(1);
  });

  it('ends the waits of its readers with LOG_CLOSED when it is closed', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const read = t.log.open('a', 0).read(0, { waitMs: 600_000 });
    const refused = expect(read).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    await t.clock.sleep(5);
    await t.log.close();
    await refused;
  });
}
