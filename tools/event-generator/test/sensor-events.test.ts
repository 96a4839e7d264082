import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Prng, SensorEvents } from '@twofold/event-generator';

const text = new TextDecoder();

/** Pinned: the first 10,000 messages of seed 42 are the same on every machine. */
const PINNED = '93492419c4da2fe1a5e6baca4ebcae7bdadfae874a17d4b85d18078b7db2ca8e';

describe('the sensor generator', () => {
  test('gives the same first 10,000 messages for seed 42, for ever', () => {
    const hash = createHash('sha256');
    for (const { key, value } of new SensorEvents().take(10_000)) hash.update(key).update(value);
    expect(hash.digest('hex')).toBe(PINNED);
  });

  test('counts what it sends: every message is an event, a duplicate or malformed', () => {
    const events = new SensorEvents({ seed: 7, duplicate: 0.01, malformed: 0.01 });
    const kinds = { EVENT: 0, DUPLICATE: 0, MALFORMED: 0 };
    for (const message of events.take(200_000)) kinds[message.kind]++;
    expect(kinds.EVENT + kinds.DUPLICATE + kinds.MALFORMED).toBe(events.truth.messages);
    expect(kinds.DUPLICATE / events.truth.messages).toBeCloseTo(0.01, 2);
    expect(kinds.MALFORMED / events.truth.messages).toBeCloseTo(0.01, 2);
    expect(events.truth.late).toBeGreaterThan(0);
    expect(events.truth.anomalies).toBeGreaterThan(0);
  });

  test('never gives one sensor two events of one millisecond, and sends in rising time', () => {
    const seen = new Set<string>();
    let last = 0;
    for (const { value, kind, sendMs } of new SensorEvents({ sensors: 50, ratePerSecond: 20_000 }).take(50_000)) {
      expect(sendMs).toBeGreaterThanOrEqual(last);
      last = sendMs;
      if (kind !== 'EVENT') continue;
      const { sensor_id: id, timestamp } = JSON.parse(text.decode(value)) as { sensor_id: string; timestamp: number };
      expect(seen.has(`${id}|${timestamp}`)).toBe(false);
      seen.add(`${id}|${timestamp}`);
    }
  });

  test('draws uniform numbers', () => {
    const random = new Prng(1);
    const bins = new Array<number>(10).fill(0);
    for (let n = 0; n < 100_000; n++) {
      const bin = random.below(10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    for (const bin of bins) expect(Math.abs(bin - 10_000)).toBeLessThan(500);
  });
});
