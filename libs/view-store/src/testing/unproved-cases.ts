import { expect, it } from 'vitest';
import type { SpeedRow, SpeedRowQuery } from '../view-store.ts';
import { controlRow, progressRecord, speedRow, view } from './samples.ts';
import type { StoreContext } from './view-store-contract.ts';

/** Far enough apart that no store keeps them in one place. */
const STARTS = [0, 64, 2 ** 20 - 64, 2 ** 20, 5 * 2 ** 20, 9 * 2 ** 20] as const;

const queryOf = (of: Partial<SpeedRowQuery> = {}): SpeedRowQuery => ({
  ...view,
  partition: 0,
  buckets: null,
  startFrom: 0,
  startBelow: Infinity,
  ...of,
});

const rising = (rows: readonly SpeedRow[]): SpeedRow[] =>
  rows.toSorted((a, b) => a.start - b.start || a.end - b.end || a.bucket - b.bucket);

export function unprovedCases(t: StoreContext): void {
  const rows = STARTS.flatMap((start) =>
    [0, 1, 2].map((bucket) => speedRow({ start, end: start + 64, appliedOffset: start + 9, bucket })),
  );

  it('give what every handle has written, as the reads do that look', async () => {
    expect(await t.store.unproved.control()).toBeNull();
    expect(await t.store.unproved.progress(view)).toEqual([]);
    expect(await t.store.unproved.speedRows(queryOf())).toEqual([]);
    const other = await t.open();
    await other.control.create(controlRow(t.store.incarnation));
    await other.progress.write([progressRecord({ next: 5 })]);
    await other.speedRows.write(rows);
    expect(await t.store.unproved.control()).toEqual(controlRow(t.store.incarnation));
    expect(await t.store.unproved.progress(view)).toEqual([progressRecord({ next: 5 })]);
    expect(rising(await t.store.unproved.speedRows(queryOf()))).toEqual(rows);
  });

  it('give the rows of the asked starts and buckets, however near or far these lie', async () => {
    await t.store.speedRows.write(rows);
    for (const startFrom of [0, 1, 64, 2 ** 20, 2 ** 20 + 1])
      for (const startBelow of [
        1,
        65,
        2 ** 20,
        2 ** 20 + 1,
        2 ** 21,
        5 * 2 ** 20 + 1,
        Number.MAX_SAFE_INTEGER,
        Infinity,
      ])
        for (const buckets of [null, [], [1], [2, 0, 2]]) {
          const query = queryOf({ startFrom, startBelow, buckets });
          const wanted = rising(await t.store.speedRows.read(query));
          expect(rising(await t.store.unproved.speedRows(query)), JSON.stringify(query)).toEqual(wanted);
        }
    expect(await t.store.unproved.speedRows(queryOf({ partition: 1 }))).toEqual([]);
  });

  it('E8: leave out nothing that a sweep has left', async () => {
    await t.store.speedRows.write(rows);
    await t.store.speedRows.sweep(view, 0, 2 ** 20);
    for (const startBelow of [2 ** 20 + 1, Infinity]) {
      const found = rising(await t.store.unproved.speedRows(queryOf({ startBelow })));
      const kept = (row: SpeedRow): boolean => row.start >= 2 ** 20;
      expect(found.filter(kept)).toEqual(rows.filter((row) => kept(row) && row.start < startBelow));
    }
  });

  it('E5: prove nothing of a store that is gone; the control row read after them does', async () => {
    await t.store.control.create(controlRow(t.store.incarnation));
    await t.store.speedRows.write(rows);
    await t.destroy();
    const fresh = await t.open();
    await fresh.speedRows.write([speedRow({ start: 0, end: 64, appliedOffset: 1, bucket: 7 })]);
    const found = await t.store.unproved.speedRows(queryOf()).catch(() => []);
    // What was written to another store is never taken for this one's.
    expect(found.filter(({ bucket }) => bucket === 7)).toEqual([]);
    await Promise.allSettled([t.store.unproved.control(), t.store.unproved.progress(view)]);
    await expect(t.store.control.read()).rejects.toMatchObject({ code: 'STORE_GONE' });
  });

  it('are refused with STORE_CLOSED once the handle is closed, and end with their signal', async () => {
    const signal = AbortSignal.abort(new TypeError('enough'));
    await expect(t.store.unproved.control(signal)).rejects.toThrow('enough');
    await expect(t.store.unproved.progress(view, signal)).rejects.toThrow('enough');
    await expect(t.store.unproved.speedRows(queryOf(), signal)).rejects.toThrow('enough');
    await t.store.close();
    const closed = { code: 'STORE_CLOSED' };
    await expect(t.store.unproved.control()).rejects.toMatchObject(closed);
    await expect(t.store.unproved.progress(view)).rejects.toMatchObject(closed);
    await expect(t.store.unproved.speedRows(queryOf())).rejects.toMatchObject(closed);
  });
}
