import type { Random } from './rng.ts';

/** How often what goes wrong. Rates are by call, intervals by process. */
export interface FaultRates {
  readonly readFails: number;
  readonly writeFailsBefore: number;
  readonly writeFailsAfter: number;
  readonly writeIsLate: number;
  readonly casUnknown: number;
  readonly slowCall: number;
  /** An answer of a read arrives much later: whoever asked goes on with what was true then. */
  readonly slowAnswer: number;
  /** A batch write that is acknowledged and not there. */
  readonly batchWriteLost: number;
  /** Chance by batch of records that is sent. */
  readonly appendFails: number;
  readonly appendUnknown: number;
  /** Chance by process and 100 ms. */
  readonly kill: number;
  readonly pause: number;
  readonly handOver: number;
  /** Chance by history. */
  readonly storeLoss: number;
  /** Chance by release: whoever made it live, or told of it, dies before anybody hears of that. */
  readonly killAtPromotion: number;
}

export const NO_FAULTS: FaultRates = {
  readFails: 0,
  writeFailsBefore: 0,
  writeFailsAfter: 0,
  writeIsLate: 0,
  casUnknown: 0,
  slowCall: 0,
  slowAnswer: 0,
  batchWriteLost: 0,
  appendFails: 0,
  appendUnknown: 0,
  kill: 0,
  pause: 0,
  handOver: 0,
  storeLoss: 0,
  killAtPromotion: 0,
};

/** Each seed has faults of its own: some kinds are off, some seeds are quiet, some extreme. */
export function drawFaults(random: Random, raised: boolean): FaultRates {
  const mood = random.next();
  if (mood < 0.08) return NO_FAULTS;
  const factor = (mood > 0.9 ? 4 : 1) * (raised ? 3 : 1);
  const rate = (highest: number): number => (random.chance(0.25) ? 0 : random.next() * highest * factor);
  return {
    readFails: rate(0.01),
    writeFailsBefore: rate(0.02),
    writeFailsAfter: rate(0.02),
    writeIsLate: rate(0.02),
    casUnknown: rate(0.15),
    slowCall: rate(0.05),
    slowAnswer: rate(0.01),
    batchWriteLost: rate(0.01),
    appendFails: rate(0.05),
    appendUnknown: rate(0.08),
    kill: rate(0.03),
    pause: rate(0.03),
    handOver: rate(0.04),
    storeLoss: random.chance(0.5) ? 0 : 0.25 * Math.min(2, factor),
    killAtPromotion: rate(0.1),
  };
}
