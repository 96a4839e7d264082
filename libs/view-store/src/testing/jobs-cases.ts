import { expect, it } from 'vitest';
import { hostileNames, jobRow } from './samples.ts';
import type { StoreContext } from './view-store-contract.ts';

export function jobsCases(t: StoreContext): void {
  const rowOf = (of: Parameters<typeof jobRow>[1] = {}) => jobRow(t.store.incarnation, of);

  it('has no row until the first is set, and sets the first once', async () => {
    expect(await t.store.jobs.read('recompute')).toBeNull();
    expect(await t.store.jobs.list()).toEqual([]);
    expect(await t.store.jobs.compareAndSet(rowOf({ sequence: 2 }))).toBe(false);
    expect(await t.store.jobs.compareAndSet(rowOf({ fence: 1 }))).toBe(true);
    expect(await t.store.jobs.compareAndSet(rowOf({ fence: 9 }))).toBe(false);
    expect((await t.store.jobs.read('recompute'))?.fence).toBe(1);
  });

  it('gives a row back whole, to every handle and after reopening', async () => {
    const other = await t.open();
    await t.store.jobs.compareAndSet(rowOf());
    expect(await other.jobs.read('recompute')).toEqual(rowOf());
    await t.reopen();
    expect(await t.store.jobs.read('recompute')).toEqual(rowOf());
  });

  it('E15: sets only on the sequence that follows the stored one', async () => {
    for (const sequence of [1, 2, 3]) await t.store.jobs.compareAndSet(rowOf({ sequence }));
    for (const sequence of [1, 2, 3, 5, 100])
      expect(await t.store.jobs.compareAndSet(rowOf({ sequence, fence: 9 }))).toBe(false);
    expect(await t.store.jobs.compareAndSet(rowOf({ sequence: 4, fence: 7 }))).toBe(true);
    expect(await t.store.jobs.read('recompute')).toEqual(rowOf({ sequence: 4, fence: 7 }));
  });

  it('lets exactly one of 20 attempts at once win each sequence, from several handles', async () => {
    const handles = [t.store, await t.open()];
    for (let sequence = 1; sequence <= 5; sequence++) {
      const attempts = Array.from({ length: 20 }, async (_, i) => {
        const handle = handles[i % handles.length] ?? t.store;
        return (await handle.jobs.compareAndSet(rowOf({ sequence, fence: i }))) ? i : null;
      });
      const winners = (await Promise.all(attempts)).filter((winner) => winner !== null);
      expect(winners.length).toBe(1);
      for (const handle of handles) expect((await handle.jobs.read('recompute'))?.fence).toBe(winners[0]);
    }
  });

  it('keeps jobs apart, whatever their names, and lists them by name', async () => {
    for (const [fence, job] of hostileNames.entries())
      expect(await t.store.jobs.compareAndSet(rowOf({ job, fence }))).toBe(true);
    for (const [fence, job] of hostileNames.entries())
      expect(await t.store.jobs.read(job)).toEqual(rowOf({ job, fence }));
    const listed = (await t.store.jobs.list()).map(({ job }) => job);
    expect(listed).toHaveLength(hostileNames.length);
    expect(new Set(listed)).toEqual(new Set(hostileNames));
  });

  it('E5: refuses a row of another incarnation with STORE_GONE', async () => {
    const foreign = jobRow('a store that was lost');
    await expect(t.store.jobs.compareAndSet(foreign)).rejects.toMatchObject({ code: 'STORE_GONE' });
    expect(await t.store.jobs.read('recompute')).toBeNull();
  });
}
