import type { ControlRow } from '@twofold/releases';
import { expect, it } from 'vitest';
import { controlRow, hostileNames } from './samples.ts';
import type { StoreContext } from './view-store-contract.ts';

export function controlCases(t: StoreContext): void {
  const rowOf = (of: Partial<ControlRow> = {}): ControlRow => controlRow(t.store.incarnation, of);

  it('has no row until one is created, and creates one once', async () => {
    expect(await t.store.control.read()).toBeNull();
    expect(await t.store.control.compareAndSet(rowOf({ sequence: 1 }))).toBe(false);
    expect(await t.store.control.read()).toBeNull();
    expect(await t.store.control.create(rowOf({ live: 'first' }))).toBe(true);
    expect(await t.store.control.create(rowOf({ live: 'second' }))).toBe(false);
    expect((await t.store.control.read())?.live).toBe('first');
  });

  it('gives the row back whole, to every handle and after reopening', async () => {
    const floors = Object.fromEntries(hostileNames.map((name, i) => [`${name}@1`, [i]]));
    const row = rowOf({ floors, holds: hostileNames, releases: [] });
    await t.store.control.create(row);
    const other = await t.open();
    expect(await other.control.read()).toEqual(row);
    expect(Object.keys((await t.store.control.read())?.floors ?? {})).toContain('__proto__@1');
    await t.reopen();
    expect(await t.store.control.read()).toEqual(row);
  });

  it('E15: sets only on the sequence that follows the stored one', async () => {
    await t.store.control.create(rowOf({ sequence: 4 }));
    for (const sequence of [3, 4, 6, 100]) expect(await t.store.control.compareAndSet(rowOf({ sequence }))).toBe(false);
    expect(await t.store.control.compareAndSet(rowOf({ sequence: 5, live: 'r2' }))).toBe(true);
    expect(await t.store.control.compareAndSet(rowOf({ sequence: 5, live: 'r3' }))).toBe(false);
    expect(await t.store.control.read()).toEqual(rowOf({ sequence: 5, live: 'r2' }));
  });

  it('E15: lets exactly one of 50 attempts at once win each sequence, from several handles', async () => {
    await t.store.control.create(rowOf({ sequence: 0 }));
    const handles = [t.store, await t.open(), await t.open()];
    for (let sequence = 1; sequence <= 10; sequence++) {
      const attempts = Array.from({ length: 50 }, async (_, i) => {
        const handle = handles[i % handles.length] ?? t.store;
        return (await handle.control.compareAndSet(rowOf({ sequence, live: `r${sequence}.${i}` }))) ? i : null;
      });
      const winners = (await Promise.all(attempts)).filter((winner) => winner !== null);
      expect(winners.length).toBe(1);
      for (const handle of handles) expect((await handle.control.read())?.live).toBe(`r${sequence}.${winners[0]}`);
    }
  });

  it('is read by every handle as it was committed last', async () => {
    await t.store.control.create(rowOf({ sequence: 0 }));
    const reader = await t.open();
    for (let sequence = 1; sequence <= 40; sequence++) {
      expect((await reader.control.read())?.sequence).toBe(sequence - 1);
      expect(await t.store.control.compareAndSet(rowOf({ sequence }))).toBe(true);
      expect((await reader.control.read())?.sequence).toBe(sequence);
    }
  });

  it('takes and gives copies: nobody can change the stored row by changing an object', async () => {
    const cut = [1, 2, 3];
    const entry = { ...Object.values(rowOf().entries)[0], id: 'b9', cut };
    const row = rowOf({ entries: { b9: entry as ControlRow['entries'][string] } });
    await t.store.control.create(row);
    cut[0] = 99;
    const read = await t.store.control.read();
    expect(read?.entries['b9']?.cut).toEqual([1, 2, 3]);
    expect(() => Object.assign(read?.entries['b9'] ?? {}, { view: 'changed' })).toThrow(TypeError);
    expect((await t.store.control.read())?.entries['b9']?.view).toBe(entry.view);
  });

  it('E5: refuses a row of another incarnation with STORE_GONE', async () => {
    const foreign = controlRow('a store that was lost');
    await expect(t.store.control.create(foreign)).rejects.toMatchObject({ code: 'STORE_GONE' });
    await t.store.control.create(rowOf({ sequence: 1 }));
    await expect(t.store.control.compareAndSet({ ...foreign, sequence: 2 })).rejects.toMatchObject({
      code: 'STORE_GONE',
    });
    expect((await t.store.control.read())?.sequence).toBe(1);
  });
}
