import { coverOf, widthOf } from '@twofold/releases';
import { mergeChunks } from '@twofold/views';
import type { SpeedRow } from '@twofold/view-store';
import { expect, test } from 'vitest';
import { mergeOnce } from '../src/merge-slices.ts';
import { events, perSensor, readings, registered, rowsOf, SLICE, surroundings, TOPIC } from './sample.ts';
import { passes, startWorker, unavailable, watched } from './worker-world.ts';

const COUNT = 16 * SLICE * 2 + 5 * SLICE + 3;
const signal = new AbortController().signal;

async function folded(origin = 0) {
  const around = surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.append(TOPIC, events(COUNT, 11));
  await registered(around.log, around.store, [origin]);
  const worker = startWorker(around);
  await passes(around.clock, 3_000);
  await worker.stop();
  return around;
}

/** What a reader of a cut sums: every row that the cover names. */
function summed(rows: readonly SpeedRow[], cut: number, base: number, wide: readonly number[]): string {
  const cover = coverOf(cut, SLICE, { base, remainder: null, wide });
  const named = rows.filter((row) =>
    cover.spans.some((s) => row.end - row.start === s.widthOffsets && row.start >= s.from && row.start < s.below),
  );
  return Buffer.from(
    mergeChunks(
      perSensor,
      named.map((row) => row.bytes),
    ).bytes,
  ).toString('hex');
}

test('E24: a wide row is the sum of its narrow rows, and every narrow row stays', async () => {
  const { store, log, clock, logger } = await folded();
  const narrow = await rowsOf(store);
  expect(await mergeOnce([readings], [perSensor], { store, log, clock, logger }, signal)).toBe(2);
  const all = await rowsOf(store);
  const width = widthOf(1, SLICE);
  const wide = all.filter((row) => row.end - row.start === width);
  expect(all.length - wide.length).toBe(narrow.length);
  expect(wide.length).toBeGreaterThan(0);
  for (const row of wide) {
    const inside = narrow.filter((n) => n.bucket === row.bucket && n.start >= row.start && n.end <= row.end);
    const sum = mergeChunks(
      perSensor,
      inside.map((n) => n.bytes),
    ).bytes;
    expect(Buffer.compare(sum, row.bytes)).toBe(0);
  }
  expect(await mergeOnce([readings], [perSensor], { store, log, clock, logger }, signal)).toBe(0);
});

test('E24: a reader that uses wide rows gets what a reader of narrow rows gets, at every cut', async () => {
  const { store, log, clock, logger } = await folded();
  await mergeOnce([readings], [perSensor], { store, log, clock, logger }, signal);
  const rows = await rowsOf(store);
  const merged = 2 * widthOf(1, SLICE);
  for (const cut of [0, SLICE, 15 * SLICE, 16 * SLICE, 17 * SLICE, 32 * SLICE, 34 * SLICE])
    expect(summed(rows, cut, COUNT, [merged])).toBe(summed(rows, cut, COUNT, []));
});

test('E24: nothing is merged from unsealed slices or from below the floor', async () => {
  const { store, log, clock, logger } = await folded(3 * SLICE);
  expect(await mergeOnce([readings], [perSensor], { store, log, clock, logger }, signal)).toBe(1);
  const wide = (await rowsOf(store)).filter((row) => row.end - row.start > SLICE);
  expect(new Set(wide.map((row) => row.start))).toEqual(new Set([16 * SLICE]));
  const progress = await store.progress.read({ view: perSensor.name, version: 1 });
  expect(progress.find((p) => p.lane === 'wide:1')?.next).toBe(32 * SLICE);
});

test('E24: "merged through" is written after the rows; a pass that fails between them is repeated', async () => {
  const around = await folded();
  const { log, clock, logger } = around;
  const store = watched(around.store, (kind) => {
    if (kind === 'progress') throw unavailable();
  });
  await expect(mergeOnce([readings], [perSensor], { store, log, clock, logger }, signal)).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  const progress = await around.store.progress.read({ view: perSensor.name, version: 1 });
  expect(progress.some((p) => p.lane === 'wide:1')).toBe(false);
  expect(await mergeOnce([readings], [perSensor], { ...around }, signal)).toBe(2);
});
