import { SensorEvents, type SensorTruth } from '@twofold/event-generator';
import { rigMessages } from './rig-data.ts';

/** A message for one of the plant's streams. */
export interface FeedMessage {
  readonly stream: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The real data: every reading of the hydraulic rig, in order. */
export function* history(): Generator<FeedMessage> {
  for (const { key, value } of rigMessages()) yield { stream: 'rig-readings', key, value };
}

/** What is replayed; its truths are in the tests. */
export const dataSets = [
  {
    name: 'the hydraulic rig',
    about: '264,600 readings of two sensors, with the example',
    isThere: () => true,
    history,
    truths: [],
    isLarge: false,
  },
] as const;

/** Generated sensors, as fast as event time says. */
export interface LiveFeed {
  readonly truth: SensorTruth;
  /** What is sent before a time (milliseconds). */
  takeUntil(untilMs: number): FeedMessage[];
}

/** @param options.ratePerSecond messages of all sensors together; each sends about once a second, 10,000 at the most */
export function live(options: {
  readonly seed: number;
  readonly ratePerSecond: number;
  readonly startMs: number;
}): LiveFeed {
  const sensors = Math.min(10_000, Math.max(1, Math.round(options.ratePerSecond)));
  const events = new SensorEvents({ ...options, sensors });
  return {
    truth: events.truth,
    takeUntil: (untilMs) =>
      events.takeUntil(untilMs).map(({ key, value }) => ({ stream: 'sensor-readings', key, value })),
  };
}
