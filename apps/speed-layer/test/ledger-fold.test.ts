import fc from 'fast-check';
import type { LedgerEntry } from '@twofold/view-store';
import { expect, test } from 'vitest';
import { LedgerFold } from '../src/ledger-fold.ts';
import { eachColumns, event, events, readings, SLICE, surroundings, TOPIC } from './sample.ts';

async function mixed(seed: number, origin = 0) {
  const around = surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.append(TOPIC, events(20, seed));
  around.log.addControl(TOPIC, 0, 5);
  await around.log.append(TOPIC, events(30, seed + 1));
  around.log.addControl(TOPIC, 0, 40);
  await around.log.append(TOPIC, events(3, seed + 2));
  return { ...around, origin, end: 98 };
}

const balance = (entry: LedgerEntry): number => entry.applied + entry.duplicate + entry.rejected + entry.control;

test('E10: per base slice, read = applied + duplicate + rejected + control, for any split and any origin', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 1000 }),
      fc.integer({ min: 0, max: 30 }),
      fc.array(fc.integer({ min: 1, max: 97 }), { maxLength: 12 }),
      async (seed, origin, stops) => {
        const { log, store, end } = await mixed(seed, origin);
        const fold = new LedgerFold(readings.name, 0, SLICE, origin);
        const writes: Promise<void>[] = [];
        await eachColumns(
          log,
          origin,
          stops,
          (columns) => {
            fold.apply(columns);
            const { entries, deadLetters } = fold.take();
            writes.push(store.ledger.write(entries, deadLetters));
          },
          origin,
        );
        await Promise.all(writes);
        const entries = await store.ledger.read(readings.name, 0, 0, 1_000);
        for (const entry of entries) expect(balance(entry)).toBe(entry.next - Math.max(origin, entry.slice));
        const total = (await store.ledger.totals(readings.name))[0];
        expect(total?.next).toBe(end);
        expect(entries.reduce((sum, entry) => sum + balance(entry), 0)).toBe(end - origin);
        expect(entries.reduce((sum, entry) => sum + entry.control, 0)).toBe(
          Math.max(0, 25 - Math.max(20, origin)) + 40,
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('E10: positions that are read again are counted once, and a dead letter is one', async () => {
  const { log, store } = await mixed(3);
  const fold = new LedgerFold(readings.name, 0, SLICE, 0);
  await eachColumns(log, 0, [40], (columns) => {
    if (columns.nextOffset <= 40) fold.apply(columns);
  });
  // One read from below what is counted to above it, as a remainder that is taken up late makes it.
  await eachColumns(log, 34, [], (columns) => fold.apply(columns));
  const first = fold.take();
  await store.ledger.write(first.entries, first.deadLetters);
  // A restarted worker counts from the start of its open slice again.
  const again = new LedgerFold(readings.name, 0, SLICE, 96);
  await eachColumns(log, 96, [], (columns) => again.apply(columns));
  const second = again.take();
  await store.ledger.write(second.entries, second.deadLetters);
  const total = (await store.ledger.totals(readings.name))[0];
  expect(total === undefined ? -1 : balance(total)).toBe(98);
  const letters = await store.ledger.deadLetters(readings.name, { limit: 1_000 });
  expect(letters.length).toBe(total?.rejected);
  expect(letters.length).toBeGreaterThan(0);
  expect(new Set(letters.map((letter) => letter.offset)).size).toBe(letters.length);
});

test('E10: nothing new gives no entry', async () => {
  const { log } = surroundings();
  await log.ensureTopic(TOPIC, { partitions: 1 });
  await log.append(TOPIC, [event('s', 1, 1)]);
  const fold = new LedgerFold(readings.name, 0, SLICE, 0);
  await eachColumns(log, 0, [], (columns) => fold.apply(columns));
  expect(fold.take().entries).toEqual([
    { stream: readings.name, partition: 0, slice: 0, next: 1, applied: 1, duplicate: 0, rejected: 0, control: 0 },
  ]);
  expect(fold.take()).toEqual({ entries: [], deadLetters: [] });
});
