import fc from 'fast-check';
import type { Columns } from '@twofold/schemas';
import { expect, test } from 'vitest';
import { classifiedReader, event, events, surroundings, TOPIC } from './sample.ts';

const LENGTH = 160;
const signal = new AbortController().signal;

async function filled(seed: number) {
  const { log } = surroundings();
  await log.ensureTopic(TOPIC, { partitions: 1 });
  await log.append(TOPIC, events(LENGTH / 2, seed));
  log.addControl(TOPIC, 0, 4);
  await log.append(TOPIC, events(LENGTH / 2 - 4, seed + 1));
  return log;
}

function note(classes: Map<number, number>, columns: Columns): void {
  for (let row = 0; row < columns.count; row++) {
    const offset = columns.offsets[row] ?? -1;
    const found = columns.classes[row] ?? -1;
    if (classes.has(offset)) expect([offset, found]).toEqual([offset, classes.get(offset)]);
    classes.set(offset, found);
  }
}

test('E9: classes do not change by going back, a little inside the history or far behind it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom(2, 32, 256),
      fc.array(fc.record({ read: fc.integer({ min: 1, max: 60 }), back: fc.integer({ min: 0, max: 120 }) }), {
        maxLength: 12,
      }),
      async (seed, origin, historySize, steps) => {
        const log = await filled(seed);
        const straight = classifiedReader(log, origin, origin);
        const expected = new Map<number, number>();
        while (straight.position < LENGTH) {
          const read = await straight.read({ waitMs: 0, signal });
          if (read !== null) note(expected, read.columns);
        }
        const reader = classifiedReader(log, origin, origin, historySize);
        const seen = new Map(expected);
        let wanted = origin;
        for (const { read, back } of [...steps, { read: LENGTH, back: 0 }]) {
          const below = Math.min(LENGTH, wanted + read);
          while (reader.position < below) {
            const found = await reader.read({ waitMs: 0, signal, below });
            if (found !== null) {
              expect(found.columns.baseOffset).toBeGreaterThanOrEqual(wanted);
              note(seen, found.columns);
            }
          }
          wanted = Math.max(origin, below - back);
          reader.rewind(wanted);
        }
        expect(seen).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test('E9 E0: the horizon is read from the origin and not below it', async () => {
  const { log } = surroundings();
  await log.ensureTopic(TOPIC, { partitions: 1 });
  const copy = event('s', 0, 1);
  await log.append(TOPIC, [copy, event('s', 1, 1), copy, copy, event('s', 2, 1), copy]);
  const classesFrom = async (origin: number, from: number): Promise<number[]> => {
    const reader = classifiedReader(log, from, origin);
    const classes = new Map<number, number>();
    while (reader.position < 6) {
      const read = await reader.read({ waitMs: 0, signal });
      if (read !== null) note(classes, read.columns);
    }
    return [...classes.values()];
  };
  expect(await classesFrom(0, 0)).toEqual([0, 0, 1, 1, 0, 1]);
  expect(await classesFrom(0, 2)).toEqual([1, 1, 0, 1]);
  expect(await classesFrom(2, 2)).toEqual([0, 1, 0, 1]);
  expect(await classesFrom(2, 5)).toEqual([1]);
  expect(await classesFrom(5, 5)).toEqual([0]);
});

test('E9: what lies before the sought place is read for the horizon only, and never shown', async () => {
  const log = await filled(9);
  const reader = classifiedReader(log, 100);
  const shown: number[] = [];
  while (reader.position < LENGTH) {
    const read = await reader.read({ waitMs: 0, signal });
    if (read !== null) shown.push(read.columns.baseOffset);
  }
  expect(shown[0]).toBe(100);
});
