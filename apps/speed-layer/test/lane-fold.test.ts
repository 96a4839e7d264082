import fc from 'fast-check';
import type { Lane } from '@twofold/releases';
import { createFold, decodeChunk } from '@twofold/views';
import { describe, expect, test } from 'vitest';
import { LaneFold } from '../src/lane-fold.ts';
import { event, events, eachColumns, lane, perSensor, rowsOf, shown, SLICE, surroundings, TOPIC } from './sample.ts';

const LENGTH = 100;

async function filled(seed = 7) {
  const around = surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.append(TOPIC, events(LENGTH, seed));
  return around;
}

/** Folds a lane with reads that stop at the given positions, taking rows after each; the store refuses unequal bytes. */
async function folded(around: Awaited<ReturnType<typeof filled>>, of: Lane, stops: readonly number[], from = of.start) {
  const fold = new LaneFold(of, createFold(perSensor), SLICE, from, null);
  const writes: Promise<void>[] = [];
  await eachColumns(around.log, from, stops, (columns) => {
    fold.apply(columns);
    writes.push(around.store.speedRows.write(fold.takeRows()));
  });
  await Promise.all(writes);
  return fold;
}

describe('one lane', () => {
  test('E4 E5: any split into reads and flushes gives rows with equal bytes', async () => {
    const whole = await filled();
    await folded(whole, lane(0), []);
    const expected = shown(await rowsOf(whole.store));
    expect(expected.length).toBeGreaterThan(LENGTH / SLICE);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: LENGTH - 1 }), { maxLength: 30 }), async (stops) => {
        const split = await filled();
        await folded(split, lane(0), stops);
        expect(shown(await rowsOf(split.store))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  test('E1: base slices start at multiples of S wherever the lane is taken up', async () => {
    const around = await filled();
    await folded(around, lane(32), [37, 41, 64, 65]);
    for (const row of await rowsOf(around.store)) {
      expect(row.start % SLICE).toBe(0);
      expect(row.end).toBe(row.start + SLICE);
      expect(row.start).toBeGreaterThanOrEqual(32);
    }
  });

  test('E2: a remainder starts at its cut, ends at the next edge, and counts only what lies between', async () => {
    const around = surroundings();
    await around.log.ensureTopic(TOPIC, { partitions: 1 });
    await around.log.append(
      TOPIC,
      Array.from({ length: 40 }, (_, i) => event('s', i, i)),
    );
    const fold = await folded(around, lane(21, 32), [23, 30, 39]);
    expect(fold.finished).toBe(true);
    expect(fold.next).toBe(32);
    const rows = await rowsOf(around.store);
    expect(rows.map(({ start, end, appliedOffset }) => ({ start, end, appliedOffset }))).toEqual([
      { start: 21, end: 32, appliedOffset: 32 },
    ]);
    const counts = decodeChunk(perSensor, rows[0]?.bytes ?? new Uint8Array(0)).columns.components[0];
    expect(counts?.kind === 'count' ? counts.values.reduce((sum, n) => sum + n, 0) : -1).toBe(11);
    expect(fold.takeProgress(null)).toMatchObject({ lane: 'remainder:21', next: 32 });
  });

  test('E4 E6: a lane that was resumed from the start of its open slice ends in equal bytes', async () => {
    const whole = await filled();
    await folded(whole, lane(0), []);
    const expected = shown(await rowsOf(whole.store));
    for (const died of [1, 15, 16, 17, 50, 63, 99]) {
      const around = await filled();
      const first = new LaneFold(lane(0), createFold(perSensor), SLICE, 0, null);
      await eachColumns(around.log, 0, [died], (columns) => {
        if (columns.nextOffset <= died) first.apply(columns);
      });
      await around.store.speedRows.write(first.takeRows());
      // The second one re-reads the open slice; rows at equal offsets with other bytes would be a WRITE_CONFLICT.
      await folded(around, lane(0), [died, died + 3], Math.floor(died / SLICE) * SLICE);
      expect(shown(await rowsOf(around.store))).toEqual(expected);
    }
  });

  test('E5: a row holds the whole slice so far and the offset up to which it does', async () => {
    const around = surroundings();
    await around.log.ensureTopic(TOPIC, { partitions: 1 });
    await around.log.append(
      TOPIC,
      Array.from({ length: 10 }, (_, i) => event('s', i, 1)),
    );
    const fold = new LaneFold(lane(0), createFold(perSensor), SLICE, 0, null);
    const counted: [number, number][] = [];
    await eachColumns(around.log, 0, [4, 7], (columns) => {
      fold.apply(columns);
      for (const row of fold.takeRows()) {
        const component = decodeChunk(perSensor, row.bytes).columns.components[0];
        counted.push([row.appliedOffset, component?.kind === 'count' ? (component.values[0] ?? 0) : -1]);
      }
    });
    expect(counted).toEqual([
      [4, 4],
      [7, 7],
      [10, 10],
    ]);
  });

  test('E23: an idle lane that has caught up gives a sign of life once a second, and not more often', () => {
    const fold = new LaneFold(lane(0), createFold(perSensor), SLICE, 0, {
      ...{ view: perSensor.name, version: 1, partition: 0, lane: 'base', next: 0 },
      ...{ maxEventTime: null, lastLogTime: null, caughtUpAt: 5_000 },
    });
    expect(fold.takeProgress(5_500)).toBeNull();
    expect(fold.takeProgress(6_000)).toMatchObject({ next: 0, caughtUpAt: 6_000 });
    expect(fold.takeProgress(6_900)).toBeNull();
    expect(fold.takeProgress(null)).toBeNull();
  });
});
