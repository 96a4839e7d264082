import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AppendRecord, EventLog } from '../event-log.ts';
import type { ContractContext } from './event-log-contract.ts';
import { type ReadRecord, readAll, record, recordsOf } from './read-records.ts';

const small = Array.from({ length: 60 }, (_, i) => record(`k${i}`, `value-${i}`));

async function filled(log: EventLog): Promise<void> {
  await log.ensureTopic('a', { partitions: 1 });
  await log.append('a', small.slice(0, 25));
  await log.append('a', small.slice(25, 26));
  await log.append('a', small.slice(26));
}

export function readCases(t: ContractContext): void {
  it('reads from any offset, also from the middle of what was appended at once', async () => {
    await filled(t.log);
    const cursor = t.log.open('a', 0);
    for (const from of [0, 1, 24, 25, 26, 27, 40, 59, 3, 60]) {
      const batch = await cursor.read(from);
      const expected = small.map((_, i) => `value-${i}`).slice(from);
      expect(recordsOf(batch).map((each) => each.value)).toEqual(expected);
      expect([batch.partition, batch.baseOffset, batch.nextOffset]).toEqual([0, from, 60]);
      expect([...batch.offsets.subarray(0, batch.count)]).toEqual(expected.map((_, i) => from + i));
    }
  });

  it('gives arrays that have exactly one entry a record', async () => {
    await filled(t.log);
    const batch = await t.log.open('a', 0).read(7, { to: 31 });
    const { offsets, times, keyStarts, keyEnds, valueStarts, valueEnds } = batch;
    for (const array of [offsets, times, keyStarts, keyEnds, valueStarts, valueEnds]) expect(array.length).toBe(24);
  });

  it('never reads past `to`', async () => {
    await filled(t.log);
    const cursor = t.log.open('a', 0);
    for (const [from, to] of [
      [0, 10],
      [10, 25],
      [10, 26],
      [24, 27],
      [59, 60],
      [30, 1_000],
    ] as const) {
      const batch = await cursor.read(from, { to });
      expect(batch.nextOffset).toBe(Math.min(to, 60));
      expect(batch.count).toBe(Math.min(to, 60) - from);
    }
    const none = await cursor.read(10, { to: 10, waitMs: 60_000 });
    expect([none.count, none.baseOffset, none.nextOffset]).toEqual([0, 10, 10]);
  });

  it('keeps to maxBytes of keys and values, but always gives at least one record', async () => {
    await filled(t.log);
    const cursor = t.log.open('a', 0);
    for (const maxBytes of [0, 1, 11, 12, 30, 100, 500]) {
      for (let next = 0; next < 60;) {
        const batch = await cursor.read(next, { maxBytes });
        const weight = recordsOf(batch).reduce((sum, { key, value }) => sum + `${key}${value}`.length, 0);
        expect(batch.count).toBeGreaterThanOrEqual(1);
        if (batch.count > 1) expect(weight).toBeLessThanOrEqual(maxBytes);
        expect(batch.nextOffset).toBe(next + batch.count);
        next = batch.nextOffset;
      }
    }
  });

  it('gives a record that is larger than maxBytes whole', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const large = 'L'.repeat(t.maxRecordBytes - 1);
    await t.log.append('a', [record('s', 'small'), record('l', large), record('s', 'after')]);
    const batch = await t.log.open('a', 0).read(1, { maxBytes: 10 });
    expect(recordsOf(batch).map((each) => each.value)).toEqual([large]);
  });

  it('leaves a batch as it is until the next read of the same cursor', async () => {
    await filled(t.log);
    const one = t.log.open('a', 0);
    const other = t.log.open('a', 0);
    const batch = await one.read(0);
    const before = recordsOf(batch);
    await other.read(30);
    await t.log.append('a', small);
    await other.read(60);
    expect(recordsOf(batch)).toEqual(before);
    expect(recordsOf(await one.read(0, { to: 60 }))).toEqual(before);
  });

  it('refuses offsets below the start and above the end with OFFSET_OUT_OF_RANGE and the range', async () => {
    await filled(t.log);
    const cursor = t.log.open('a', 0);
    for (const offset of [-1, 61, 1_000_000]) {
      await expect(cursor.read(offset, { waitMs: 60_000 })).rejects.toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
        facts: { topic: 'a', partition: 0, offset, start: 0, end: 60 },
      });
    }
    expect((await cursor.read(60)).count).toBe(0);
  });

  it('lets go of what is below a trim, in whole segments, and keeps the rest readable', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    const value = 'v'.repeat(1_000);
    for (let i = 0; i < 40; i++) {
      await t.log.append(
        'a',
        Array.from({ length: 10 }, (_, k) => record('k', `${i * 10 + k}:${value}`)),
      );
    }
    const waiting = t.log.open('a', 0);
    await waiting.read(0, { maxBytes: 1 });
    await t.log.trim('a', 0, 350);
    const range = (await t.log.partitions('a'))[0];
    const start = range?.start ?? -1;
    expect(start).toBeGreaterThan(0);
    expect(start).toBeLessThanOrEqual(350);
    expect(range?.end).toBe(400);
    await expect(waiting.read(start - 1)).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      facts: { offset: start - 1, start, end: 400 },
    });
    const kept = await readAll(t.log, 'a', 0, start);
    expect(kept.map((each) => each.value?.split(':')[0])).toEqual(kept.map((_, i) => String(start + i)));
    await t.log.trim('a', 0, 0);
    expect((await t.log.partitions('a'))[0]).toEqual(range);
    const again = await t.reopen();
    expect((await again.partitions('a'))[0]).toEqual(range);
    expect(await readAll(again, 'a', 0, start)).toEqual(kept);
  });

  it('gives the same records however they are read, before and after reopening (random appends and reads)', async () => {
    const part = fc.option(fc.string({ unit: 'binary-ascii', maxLength: 40 }), { nil: null });
    const appends = fc.array(fc.array(fc.tuple(part, part), { maxLength: 30 }), { minLength: 1, maxLength: 8 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(appends, fc.array(fc.nat(300), { minLength: 1, maxLength: 6 }), async (batches, sizes) => {
        const topic = `random-${(run += 1)}`;
        await t.log.ensureTopic(topic, { partitions: 2 });
        const expected: { key: string | null; value: string | null; partition: number; offset: number }[] = [];
        for (const batch of batches) {
          const sent: AppendRecord[] = batch.map(([key, value]) => record(key, value));
          const { partitions, offsets } = await t.log.append(topic, sent);
          batch.forEach(([key, value], i) => {
            expected.push({ key, value, partition: partitions[i] ?? -1, offset: offsets[i] ?? -1 });
          });
        }
        let turn = 0;
        const nextSize = (): number => sizes[turn++ % sizes.length] ?? 0;
        for (const partition of [0, 1]) {
          const whole: ReadRecord[] = await readAll(t.log, topic, partition, 0);
          const mine = expected.filter((each) => each.partition === partition);
          expect(whole.map(({ key, value, offset }) => ({ key, value, partition, offset }))).toEqual(mine);
          expect(await readAll(t.log, topic, partition, 0, nextSize)).toEqual(whole);
          const middle = Math.floor(whole.length / 2);
          expect(await readAll(t.log, topic, partition, middle, nextSize)).toEqual(whole.slice(middle));
        }
      }),
      { numRuns: 25 },
    );
    const kept: ReadRecord[][] = [];
    for (let i = 1; i <= run; i++) kept.push(await readAll(t.log, `random-${i}`, 0, 0));
    const again = await t.reopen();
    for (let i = 1; i <= run; i++) expect(await readAll(again, `random-${i}`, 0, 0)).toEqual(kept[i - 1]);
  });
}
