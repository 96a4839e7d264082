import { expect, it } from 'vitest';
import { choosePartition } from '../partitioner.ts';
import type { ContractContext } from './event-log-contract.ts';
import { readAll, record } from './read-records.ts';

export function appendCases(t: ContractContext): void {
  it('gives contiguous offsets from 0, in order, per partition', async () => {
    await t.log.ensureTopic('a', { partitions: 3 });
    const seen: number[][] = [[], [], []];
    for (let call = 0; call < 5; call++) {
      const sent = Array.from({ length: 7 }, (_, i) => record(`key-${(call * 7 + i) % 11}`, `${call}/${i}`));
      const { partitions, offsets } = await t.log.append('a', sent);
      expect(partitions.length).toBe(7);
      expect(offsets.length).toBe(7);
      partitions.forEach((partition, i) => seen[partition]?.push(offsets[i] ?? -1));
    }
    for (const [partition, offsets] of seen.entries()) {
      expect(offsets).toEqual(offsets.map((_, i) => i));
      expect((await t.log.partitions('a'))[partition]).toEqual({ partition, start: 0, end: offsets.length });
    }
    expect(seen.flat().length).toBe(35);
  });

  it('puts a keyed record on the partition of its key, as Kafka does, and spreads records without a key', async () => {
    await t.log.ensureTopic('a', { partitions: 4 });
    const keys = Array.from({ length: 40 }, (_, i) => `sensor-${i}`);
    const keyed = keys.map((key) => record(key, 'v'));
    const { partitions } = await t.log.append('a', keyed);
    expect([...partitions]).toEqual(keyed.map(({ key }) => choosePartition(key, 4, 0)));
    const spread = await t.log.append(
      'a',
      keys.map(() => record(null, 'v')),
    );
    const counts = [0, 1, 2, 3].map((partition) => spread.partitions.filter((each) => each === partition).length);
    expect(counts).toEqual([10, 10, 10, 10]);
  });

  it('puts a record that names its partition there, and nothing of a call that names one which is not there', async () => {
    await t.log.ensureTopic('a', { partitions: 3 });
    const named = [2, 0, 2].map((partition, i) => ({ ...record('same', `v${i}`), partition }));
    const { partitions, offsets } = await t.log.append('a', named);
    expect([...partitions]).toEqual([2, 0, 2]);
    expect([...offsets]).toEqual([0, 0, 1]);
    expect((await readAll(t.log, 'a', 2, 0)).map(({ value }) => value)).toEqual(['v0', 'v2']);
    const missing = [record('k', 'v'), { ...record('k', 'v'), partition: 3 }];
    await expect(t.log.append('a', missing)).rejects.toMatchObject({ code: 'UNKNOWN_PARTITION' });
    expect((await t.log.partitions('a')).map(({ end }) => end)).toEqual([1, 0, 2]);
  });

  it('keeps the order of concurrent appends within a partition and loses none', async () => {
    await t.log.ensureTopic('a', { partitions: 2 });
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => t.log.append('a', [record('k', `${i}.0`), record('k', `${i}.1`)])),
    );
    const partition = results[0]?.partitions[0] ?? -1;
    const stored = await readAll(t.log, 'a', partition, 0);
    expect(stored.map((each) => each.offset)).toEqual(stored.map((_, i) => i));
    results.forEach(({ offsets }, i) => {
      expect(stored[offsets[0] ?? -1]?.value).toBe(`${i}.0`);
      expect(stored[offsets[1] ?? -1]?.value).toBe(`${i}.1`);
    });
    expect(stored.map((each) => each.value)).toEqual(results.flatMap((_, i) => [`${i}.0`, `${i}.1`]));
  });

  it('keeps null keys, null values, empty keys and empty values apart', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    await t.log.append('a', [
      record(null, null),
      record('', ''),
      record('k', null),
      record(null, 'v'),
      record('', 'v'),
    ]);
    const stored = await readAll(t.log, 'a', 0, 0);
    expect(stored.map(({ key, value }) => [key, value])).toEqual([
      [null, null],
      ['', ''],
      ['k', null],
      [null, 'v'],
      ['', 'v'],
    ]);
  });

  it('takes a copy: what the caller does to its buffers afterwards changes nothing', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const one = record('key', 'value');
    await t.log.append('a', [one]);
    one.value?.fill(0);
    one.key?.fill(0);
    expect(await readAll(t.log, 'a', 0, 0)).toMatchObject([{ key: 'key', value: 'value' }]);
  });

  it('refuses a record above the limit with RECORD_TOO_LARGE and appends nothing of its batch', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const fits = record('k', 'x'.repeat(t.maxRecordBytes - 1));
    const tooLarge = record('k', 'x'.repeat(t.maxRecordBytes));
    await expect(t.log.append('a', [record('k', 'small'), tooLarge])).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      facts: { index: 1, bytes: t.maxRecordBytes + 1, maxRecordBytes: t.maxRecordBytes },
    });
    expect(await t.log.partitions('a')).toEqual([{ partition: 0, start: 0, end: 0 }]);
    await t.log.append('a', [fits]);
    expect(await readAll(t.log, 'a', 0, 0)).toMatchObject([{ offset: 0, value: 'x'.repeat(t.maxRecordBytes - 1) }]);
  });

  it('appends nothing for no records, and nothing when the signal was aborted before', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const { partitions, offsets } = await t.log.append('a', []);
    expect([partitions.length, offsets.length]).toEqual([0, 0]);
    const reason = new Error('no longer wanted');
    await expect(t.log.append('a', [record('k', 'v')], AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await t.log.partitions('a')).toEqual([{ partition: 0, start: 0, end: 0 }]);
  });

  it('never lets log time go back, also when the wall clock does', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    t.clock.set(5_000);
    await t.log.append('a', [record('k', '1')]);
    t.clock.set(4_000);
    await t.log.append('a', [record('k', '2')]);
    t.clock.set(6_000);
    await t.log.append('a', [record('k', '3')]);
    t.clock.set(1_000);
    const again = await t.reopen();
    await again.append('a', [record('k', '4')]);
    const times = (await readAll(again, 'a', 0, 0)).map((each) => each.time);
    if (t.serverTime) {
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      expect(Math.min(...times)).toBeGreaterThan(1_000_000_000_000);
    } else expect(times).toEqual([5_000, 5_000, 6_000, 6_000]);
  });

  it('gives after reopening what it acknowledged before, and goes on at the next offset', async () => {
    await t.log.ensureTopic('a', { partitions: 2 });
    await t.log.append(
      'a',
      Array.from({ length: 100 }, (_, i) => record(`k${i}`, `v${i}`)),
    );
    const before = [await readAll(t.log, 'a', 0, 0), await readAll(t.log, 'a', 1, 0)];
    const again = await t.reopen();
    expect([await readAll(again, 'a', 0, 0), await readAll(again, 'a', 1, 0)]).toEqual(before);
    const { partitions, offsets } = await again.append('a', [record('k', 'more')]);
    expect(offsets[0]).toBe(before[partitions[0] ?? 0]?.length);
  });

  it('refuses everything with LOG_CLOSED once it is closed, and closing twice is fine', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const cursor = t.log.open('a', 0);
    await t.log.close();
    await t.log.close();
    await expect(t.log.append('a', [record('k', 'v')])).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    await expect(cursor.read(0)).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    await expect(t.log.partitions('a')).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    await expect(t.log.ensureTopic('a', { partitions: 1 })).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  });
}
