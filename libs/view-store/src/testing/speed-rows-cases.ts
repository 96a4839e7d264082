import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SpeedRow, SpeedRowQuery } from '../view-store.ts';
import { hostileNames, noise, speedRow, view } from './samples.ts';
import type { StoreContext } from './view-store-contract.ts';

const everything: SpeedRowQuery = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity };
const sorted = (rows: readonly SpeedRow[]): SpeedRow[] =>
  [...rows].sort((a, b) => a.start - b.start || a.end - b.end || a.bucket - b.bucket);

export function speedRowsCases(t: StoreContext): void {
  const read = async (query: Partial<SpeedRowQuery> = {}): Promise<SpeedRow[]> =>
    sorted(await t.store.speedRows.read({ ...everything, ...query }));

  it('E5: lets the larger applied offset win, whatever the order and however often a row is written', async () => {
    let partition = 0;
    const place = fc.record({
      start: fc.constantFrom(0, 100, 137),
      bucket: fc.nat(2),
      appliedOffset: fc.integer({ min: 138, max: 145 }),
    });
    const writes = fc.array(place, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(writes, fc.nat(6), fc.boolean(), async (places, batch, atOnce) => {
        partition += 1;
        const rows = places.map((each) => speedRow({ ...each, end: 200, partition }));
        const calls: Promise<void>[] = [];
        for (let at = 0; at < rows.length; at += batch + 1) {
          const call = t.store.speedRows.write(rows.slice(at, at + batch + 1));
          if (!atOnce) await call;
          calls.push(call);
        }
        await Promise.all(calls);
        const largest = new Map<string, SpeedRow>();
        for (const row of rows) {
          const key = `${row.start}:${row.bucket}`;
          if (row.appliedOffset >= (largest.get(key)?.appliedOffset ?? 0)) largest.set(key, row);
        }
        expect(await read({ partition })).toEqual(sorted([...largest.values()]));
      }),
      { numRuns: 60 },
    );
    expect(t.conflicts).toEqual([]);
  });

  it('E5: reports a row with other bytes at an equal offset, and keeps the first', async () => {
    await t.store.speedRows.write([speedRow({ bytes: noise(1, 10) })]);
    await t.store.speedRows.write([speedRow({ bytes: noise(1, 10) })]);
    expect(t.conflicts).toEqual([]);
    await t.store.speedRows.write([speedRow({ bytes: noise(2, 10) })]);
    expect(t.conflicts).toMatchObject([{ code: 'WRITE_CONFLICT', facts: { what: 'speed row', appliedOffset: 50 } }]);
    expect(await read()).toEqual([speedRow({ bytes: noise(1, 10) })]);
  });

  it('E5: gives after reopening every row that was acknowledged', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => speedRow({ start: i * 100, end: i * 100 + 100, bucket: i % 4 }));
    await t.store.speedRows.write(rows);
    await t.store.speedRows.write([speedRow({ appliedOffset: 99 })]);
    await t.reopen();
    expect(await read()).toEqual([speedRow({ appliedOffset: 99 }), ...rows.slice(1)]);
    await t.store.speedRows.write([speedRow({ appliedOffset: 98 })]);
    expect((await read())[0]).toEqual(speedRow({ appliedOffset: 99 }));
  });

  it('selects by view, version, partition, first position and bucket, over every width', async () => {
    const wide = speedRow({ start: 0, end: 1_600, bucket: 1 });
    const remainder = speedRow({ start: 137, end: 200, bucket: 1 });
    const base = [0, 100, 200, 300].flatMap((start) =>
      [0, 1, 2].map((bucket) => speedRow({ start, end: start + 100, bucket })),
    );
    const others = [speedRow({ view: 'other' }), speedRow({ version: 2 }), speedRow({ partition: 1 })];
    await t.store.speedRows.write([...base, wide, remainder, ...others]);
    expect(await read()).toEqual(sorted([...base, wide, remainder]));
    expect(await read({ startFrom: 100, startBelow: 300 })).toEqual(
      sorted([...base.filter((row) => row.start === 100 || row.start === 200), remainder]),
    );
    expect(await read({ startFrom: 101, startBelow: 200, buckets: [1, 7] })).toEqual([remainder]);
    expect(await read({ buckets: [2, 0] })).toEqual(base.filter((row) => row.bucket !== 1));
    expect(await read({ buckets: [] })).toEqual([]);
    expect(await read({ startFrom: 300, startBelow: 300 })).toEqual([]);
    for (const other of others) expect(await read(other)).toEqual([other]);
  });

  it('keeps positions up to 2^53 - 1 exact', async () => {
    const end = Number.MAX_SAFE_INTEGER;
    const row = speedRow({ start: end - 1, end, appliedOffset: end });
    await t.store.speedRows.write([row, speedRow({ ...row, appliedOffset: end - 1 })]);
    expect(await read({ startFrom: end - 1 })).toEqual([row]);
    expect(await read({ startFrom: end })).toEqual([]);
  });

  it('E8: keeps a swept row invisible when it is written late, also after reopening', async () => {
    const rows = [0, 100, 137, 200, 300].map((start) => speedRow({ start, end: start + 100 - (start % 100) }));
    await t.store.speedRows.write(rows);
    expect(await t.store.speedRows.sweep(view, 0, 200)).toBe(3);
    expect(await read()).toEqual(rows.slice(3));
    await t.store.speedRows.write(rows.map((row) => speedRow({ ...row, appliedOffset: 1_000 })));
    const left = rows.slice(3).map((row) => speedRow({ ...row, appliedOffset: 1_000 }));
    expect(await read()).toEqual(left);
    await t.reopen();
    await t.store.speedRows.write(rows);
    expect(await read()).toEqual(left);
    expect(await t.store.speedRows.sweep(view, 0, 200)).toBe(0);
  });

  it('E8: never lowers what was swept, and sweeps one partition of one view version', async () => {
    const others = [speedRow({ view: 'other' }), speedRow({ version: 2 }), speedRow({ partition: 1 })];
    await t.store.speedRows.write([speedRow(), speedRow({ start: 100, end: 200 }), ...others]);
    await t.store.speedRows.sweep(view, 0, 200);
    await t.store.speedRows.sweep(view, 0, 100);
    await t.store.speedRows.write([speedRow({ start: 100, end: 200, appliedOffset: 170 })]);
    expect(await read()).toEqual([]);
    for (const other of others) expect(await read(other)).toEqual([other]);
  });

  it('E8: sweeps what was never written, so that it stays invisible too', async () => {
    expect(await t.store.speedRows.sweep(view, 3, 500)).toBe(0);
    await t.store.speedRows.write([speedRow({ partition: 3 }), speedRow({ partition: 3, start: 500, end: 600 })]);
    expect(await read({ partition: 3 })).toEqual([speedRow({ partition: 3, start: 500, end: 600 })]);
  });

  it.each([4_999, 5_000, 5_001, 20_001])('reads and sweeps %i rows completely', async (count) => {
    const rows = Array.from({ length: count }, (_, i) =>
      speedRow({ start: i, end: i + 1, bucket: i % 5, appliedOffset: i + 1, bytes: noise(i, 8) }),
    );
    await t.store.speedRows.write(rows);
    const found = await read();
    expect(found.length).toBe(count);
    expect(found.every((row, i) => row.start === i && row.bytes[0] === rows[i]?.bytes[0])).toBe(true);
    expect((await read({ buckets: [3] })).length).toBe(rows.filter((row) => row.bucket === 3).length);
    expect(await t.store.speedRows.sweep(view, 0, count - 1)).toBe(count - 1);
    expect((await read()).map((row) => row.start)).toEqual([count - 1]);
  });

  it('keeps chunks of a megabyte and of no byte at all', async () => {
    const rows = [
      speedRow({ bytes: noise(1, 2 ** 20) }),
      speedRow({ bucket: 1, bytes: new Uint8Array() }),
      speedRow({ bucket: 2, bytes: noise(2, 2 ** 20 + 1) }),
    ];
    await t.store.speedRows.write(rows);
    await t.reopen();
    const found = await read();
    expect(found.map((row) => row.bytes.length)).toEqual([2 ** 20, 0, 2 ** 20 + 1]);
    expect(found.every((row, i) => Buffer.compare(row.bytes, rows[i]?.bytes ?? new Uint8Array()) === 0)).toBe(true);
  });

  it('takes and gives copies: what is done to a buffer afterwards changes nothing', async () => {
    const buffer = noise(1, 100);
    const whole = speedRow({ bytes: buffer.subarray(10, 20) });
    await t.store.speedRows.write([whole]);
    buffer.fill(0);
    const [first] = await read();
    expect(first?.bytes).toEqual(noise(1, 100).slice(10, 20));
    first?.bytes.fill(0);
    expect((await read())[0]?.bytes).toEqual(noise(1, 100).slice(10, 20));
  });

  it('tells hostile names apart and gives them back as they were', async () => {
    const rows = hostileNames.map((name) => speedRow({ view: name }));
    await t.store.speedRows.write(rows);
    await t.reopen();
    for (const [i, name] of hostileNames.entries()) expect(await read({ view: name })).toEqual([rows[i]]);
  });

  it('writes nothing when the signal was aborted before, and nothing for no rows', async () => {
    const reason = new TypeError('no longer wanted');
    await expect(t.store.speedRows.write([speedRow()], AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(t.store.speedRows.read(everything, AbortSignal.abort(reason))).rejects.toBe(reason);
    await t.store.speedRows.write([]);
    expect(await read()).toEqual([]);
  });
}
