import fc from 'fast-check';
import { viewEvents, type MemoryEvent } from '@twofold/views/testing';
import type { View } from '@twofold/views';
import type { EventFile, SourceEvent } from './source-events.ts';

const partitions = 3;
const fileLength = 24;

/** Files of random events of a view's stream: see `layOut`. */
export function eventFiles(view: View, maxEvents = 120): fc.Arbitrary<EventFile[]> {
  return viewEvents(view, maxEvents).map(layOut);
}

/** Files of 300 random events, always the same for a seed. */
export function sampleFiles(view: View, seed: number): EventFile[] {
  const one = viewEvents(view, 1).filter((events) => events.length === 1);
  return layOut(fc.sample(one, { seed, numRuns: 300 }).flat());
}

/** Spreads events over three partitions, with gaps of control positions, in files that end inside slices. */
function layOut(events: readonly MemoryEvent[]): EventFile[] {
  const files: EventFile[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const start = partition * 7;
    const own = events
      .filter((_, index) => index % partitions === partition)
      // Every fifth position is control.
      .map((event, index): SourceEvent => ({ ...event, offset: start + index + Math.floor(index / 4) }));
    const end = (own.at(-1)?.offset ?? start) + 1;
    for (let from = start; from < end; from += fileLength) {
      const to = Math.min(from + fileLength, end);
      files.push({ partition, from, to, events: own.filter(({ offset }) => offset >= from && offset < to) });
    }
  }
  return files;
}
