import type { Model } from '../model.ts';
import { Random } from '../rng.ts';
import { RandomEvents } from './random-events.ts';
import { randomStream } from './random-streams.ts';
import { randomView } from './random-views.ts';

/** A project of its own for each seed: two streams of at least three partitions, three or four views, one in two versions. */
export function randomProject(seed: number): Model {
  const random = new Random(seed ^ 0x3c6ef372);
  const [first, second] = [randomStream('first', random), randomStream('second', random)];
  const changed1 = randomView(first, 'changed', 1, random);
  const changed2 = randomView(first, 'changed', 2, random);
  const other = randomView(first, 'other', 1, random);
  const third = randomView(second, 'third', 1, random);
  const kept = random.chance(0.5) ? [other, third, randomView(second, 'fourth', 1, random)] : [other, third];
  return {
    topics: [
      { stream: first, topic: 'first-log' },
      { stream: second, topic: 'second-log' },
    ],
    views: [changed1, changed2, ...kept],
    wanted: { before: [changed1, ...kept], after: [changed2, ...kept] },
    size: {
      durationMs: [900, 1_600],
      partitions: [3, 4],
      eventsPerPartition: [840, 900],
      recordsPerSend: [1, 120],
      fileRecords: [60, 600],
      readBytes: [4_000, 1 << 16],
      pauseMs: 1_500,
    },
    needs: { promotions: 3, versionPromotions: 1, cutsInsideSlice: 1, kills: 1 },
    events: (topic, of) => new RandomEvents(of * 2 + topic),
  };
}
