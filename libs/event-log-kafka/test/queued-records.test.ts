import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QueuedRecord, takeForOneLeader } from '../src/queued-records.ts';

const call = { left: 0, settle: () => {} };

function queued(topic: string, partition: number, index: number, bytes = 10): QueuedRecord {
  return { topic, partition, key: null, value: Buffer.alloc(bytes), result: new Float64Array(0), index, call };
}

describe('what one send carries', () => {
  it('is of one topic and one leader, and keeps the order of every partition (law)', () => {
    const place = fc.tuple(fc.constantFrom('a', 'b'), fc.nat(5), fc.integer({ min: 0, max: 300_000 }));
    fc.assert(
      fc.property(
        fc.array(place, { maxLength: 60 }),
        fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }),
        (places, leads) => {
          const leaderOf = (topic: string, partition: number): string => `${topic}${leads[partition] ?? 0}`;
          const waiting = places.map(([topic, partition, bytes], index) => queued(topic, partition, index, bytes));
          const sent: QueuedRecord[] = [];
          while (waiting.length > 0) {
            const before = waiting.length;
            const { taken, bytes } = takeForOneLeader(waiting, leaderOf);
            expect(taken.length).toBeGreaterThan(0);
            expect(waiting.length).toBe(before - taken.length);
            expect(new Set(taken.map(({ topic, partition }) => leaderOf(topic, partition))).size).toBe(1);
            expect(bytes).toBe(taken.reduce((sum, { value }) => sum + (value?.length ?? 0), 0));
            if (taken.length > 1) expect(bytes).toBeLessThanOrEqual(768 * 1_024);
            sent.push(...taken);
          }
          for (const partition of [0, 1, 2, 3, 4, 5]) {
            for (const topic of ['a', 'b']) {
              const mine = sent
                .filter((each) => each.topic === topic && each.partition === partition)
                .map(({ index }) => index);
              expect(mine).toEqual(mine.toSorted((one, other) => one - other));
            }
          }
          expect(sent.length).toBe(places.length);
        },
      ),
    );
  });

  it('is at most a thousand records', () => {
    const waiting = Array.from({ length: 2_500 }, (_, index) => queued('a', index % 3, index));
    const sizes: number[] = [];
    while (waiting.length > 0) sizes.push(takeForOneLeader(waiting, () => 'one').taken.length);
    expect(sizes).toEqual([1_000, 1_000, 500]);
  });
});
