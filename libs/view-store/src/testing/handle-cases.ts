import { expect, it } from 'vitest';
import type { ViewStore } from '../view-store.ts';
import {
  controlRow,
  deadLetter,
  jobRow,
  ledgerEntry,
  partChunk,
  progressRecord,
  runRecord,
  speedRow,
  view,
} from './samples.ts';
import type { StoreContext } from './view-store-contract.ts';

/** One call of every operation that a store has. */
function everyCall(store: ViewStore): Record<string, () => Promise<unknown>> {
  const index = { ...view, build: 'b', parts: [] };
  const query = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: 9 };
  return {
    'speedRows.write': () => store.speedRows.write([speedRow()]),
    'speedRows.read': () => store.speedRows.read(query),
    'speedRows.sweep': () => store.speedRows.sweep(view, 0, 1),
    'progress.write': () => store.progress.write([progressRecord()]),
    'progress.read': () => store.progress.read(view),
    'progress.remove': () => store.progress.remove(view, 0, ['base']),
    'ledger.write': () => store.ledger.write([ledgerEntry()], [deadLetter()]),
    'ledger.totals': () => store.ledger.totals('readings'),
    'ledger.read': () => store.ledger.read('readings', 0, 0, 9),
    'ledger.deadLetters': () => store.ledger.deadLetters('readings', { limit: 9 }),
    'parts.writeChunks': () => store.parts.writeChunks('p', [partChunk(0)]),
    'parts.directory': () => store.parts.directory('p'),
    'parts.chunk': () => store.parts.chunk('p', 0),
    'parts.writeIndex': () => store.parts.writeIndex(index),
    'parts.index': () => store.parts.index('b'),
    'parts.list': () => store.parts.list(),
    'parts.remove': () => store.parts.remove({ parts: ['p'], builds: ['b'] }),
    'parts.forgetRemoved': () => store.parts.forgetRemoved('0'),
    'control.read': () => store.control.read(),
    'control.create': () => store.control.create(controlRow(store.incarnation)),
    'control.compareAndSet': () => store.control.compareAndSet(controlRow(store.incarnation, { sequence: 2 })),
    'runs.put': () => store.runs.put(runRecord()),
    'runs.list': () => store.runs.list({ limit: 1 }),
    'jobs.read': () => store.jobs.read('archive'),
    'jobs.list': () => store.jobs.list(),
    'jobs.compareAndSet': () => store.jobs.compareAndSet(jobRow(store.incarnation)),
  };
}

async function expectRefused(store: ViewStore, code: string): Promise<void> {
  for (const [name, call] of Object.entries(everyCall(store)))
    await expect(call(), name).rejects.toMatchObject({ code, retryable: false });
}

export function handleCases(t: StoreContext): void {
  it('shares one store between handles, and keeps its incarnation over reopening', async () => {
    const { incarnation } = t.store;
    const other = await t.open();
    expect(other.incarnation).toBe(incarnation);
    await t.store.progress.write([progressRecord({ next: 5 })]);
    expect(await other.progress.read(view)).toEqual([progressRecord({ next: 5 })]);
    expect((await t.reopen()).incarnation).toBe(incarnation);
  });

  it('E5: fails every call of every old handle with STORE_GONE once the store was lost', async () => {
    const other = await t.open();
    for (const call of Object.values(everyCall(t.store))) await call();
    await t.destroy();
    await expectRefused(t.store, 'STORE_GONE');
    await expectRefused(other, 'STORE_GONE');
    const fresh = await t.open();
    expect(fresh.incarnation).not.toBe(t.store.incarnation);
    await expectRefused(t.store, 'STORE_GONE');
  });

  it('E5: begins a new store empty, also of what was swept and removed, and of what old handles wrote', async () => {
    await t.store.speedRows.sweep(view, 0, 1_000);
    await t.store.parts.remove({ parts: ['p'], builds: ['b'] });
    expect(await t.store.parts.forgetRemoved('x')).toBe(2);
    await t.store.runs.put(runRecord());
    await t.store.jobs.compareAndSet(jobRow(t.store.incarnation));
    await t.destroy();
    const fresh = await t.open();
    await expect(t.store.speedRows.write([speedRow()])).rejects.toMatchObject({ code: 'STORE_GONE' });
    const query = { ...view, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity };
    expect(await fresh.speedRows.read(query)).toEqual([]);
    expect(await fresh.control.read()).toBeNull();
    await fresh.speedRows.write([speedRow()]);
    expect(await fresh.speedRows.read(query)).toEqual([speedRow()]);
    await fresh.parts.writeChunks('p', [partChunk(0)]);
    expect((await fresh.parts.list()).parts).toEqual(['p']);
    expect(await fresh.runs.list({ limit: 5 })).toEqual([]);
    expect(await fresh.jobs.compareAndSet(jobRow(fresh.incarnation))).toBe(true);
    expect(await fresh.control.create(controlRow(fresh.incarnation))).toBe(true);
  });

  it('refuses every call with STORE_CLOSED once it is closed; closing twice is fine and ends nobody else', async () => {
    const other = await t.open();
    await t.store.close();
    await t.store.close();
    await expectRefused(t.store, 'STORE_CLOSED');
    await other.progress.write([progressRecord()]);
    expect(await other.progress.read(view)).toEqual([progressRecord()]);
  });

  it('has done what it was asked before it was closed', async () => {
    const written = t.store.progress.write([progressRecord({ next: 8 })]);
    await t.store.close();
    await written;
    const other = await t.open();
    expect(await other.progress.read(view)).toEqual([progressRecord({ next: 8 })]);
  });
}
