import { WATCHED, WATCHED_SENSOR, checkAnswers, type WatchedAnswer, type WatchedRow } from '@twofold/e2e';
import { SensorEvents } from '@twofold/event-generator';
import { plant } from '@twofold/plant';
import { classify, oracleAnswer, type ClassifiedRecord } from '@twofold/oracle';
import { describe, expect, test } from 'vitest';

const sensorMinute = plant.views.find(({ name }) => name === 'sensorMinute');
if (sensorMinute === undefined) throw new TypeError('the plant has no view sensorMinute');
const view = sensorMinute;

/** A sensor whose events stood in partition 0, and in 1 since there is one. */
const moved = (): ClassifiedRecord[] => {
  const events = new SensorEvents({ seed: 3, sensors: 3, ratePerSecond: 3, malformed: 0, duplicate: 0, late: 0 });
  const records = events.take(120).map(({ key, value }, i) => {
    const place = i < 60 ? { partition: 0, offset: i } : { partition: 1, offset: i - 60 };
    return { ...place, key, value, logTime: WATCHED.from + i * 1_000 };
  });
  return classify(view.stream, records, [0, 0]);
};

/** What a platform answers that has all below `holds`, and proves what is below `claims`. */
function answerOf(
  log: readonly ClassifiedRecord[],
  holds: readonly number[],
  claims: readonly number[],
): WatchedAnswer {
  const key = log.flatMap((each) => (each.class === 'applied' ? [each.event.values.get('sensorId')] : []));
  if (!key.includes(WATCHED_SENSOR)) throw new TypeError('the watched sensor sent nothing');
  const mine = log.filter((each) => each.class === 'applied' && each.event.values.get('sensorId') === WATCHED_SENSOR);
  const rows = oracleAnswer(view, mine, { ...WATCHED, upTo: holds, watermark: null }).map(
    ({ windowStart, windowEnd, values, derived }): WatchedRow => ({
      windowStart: new Date(windowStart).toISOString(),
      windowEnd: new Date(windowEnd).toISOString(),
      ...(values as Record<string, string | number | null>),
      ...(derived as Record<string, string | number | null>),
      readings: Number(values['readings']).toFixed(0),
    }),
  );
  return { atMs: 0, view: 'sensorMinute', release: 'r', watermark: null, positions: claims, rows };
}

const verdict = (log: readonly ClassifiedRecord[], answer: WatchedAnswer): string | null =>
  checkAnswers([answer], [view], log).difference;

describe('answers for one sensor', () => {
  test('may be ahead of what they claim, in the partition that it left and in that where it is', () => {
    const log = moved();
    for (const [holds, claims] of [
      [
        [60, 60],
        [60, 60],
      ],
      [
        [60, 60],
        [60, 12],
      ],
      [
        [60, 0],
        [30, 0],
      ],
      [
        [60, 33],
        [21, 0],
      ],
      [
        [45, 12],
        [12, 6],
      ],
    ] as const)
      expect([holds, verdict(log, answerOf(log, holds, claims))]).toEqual([holds, null]);
  });

  test('are wrong with less than they claim, with a hole, and with an event twice', () => {
    const log = moved();
    const whole = answerOf(log, [60, 60], [21, 0]);
    expect(verdict(log, answerOf(log, [30, 0], [60, 0]))).toMatch(/readings/);
    const places = log.flatMap((each, i) =>
      each.class === 'applied' && each.event.values.get('sensorId') === WATCHED_SENSOR ? [i] : [],
    );
    for (const at of places) {
      const { partition, offset } = log[at] ?? { partition: 0, offset: 0 };
      const isLast = at === places.findLast((i) => log[i]?.partition === partition);
      const without = answerOf([...log.slice(0, at), ...log.slice(at + 1)], [60, 60], [21, 0]);
      // Without its partition's last event it is an answer of a moment before.
      if (!isLast) expect([partition, offset, verdict(log, without)]).not.toEqual([partition, offset, null]);
      const record = log[at];
      const twice = record === undefined ? log : [...log, record];
      expect([partition, offset, verdict(log, answerOf(twice, [60, 60], [21, 0]))]).not.toEqual([
        partition,
        offset,
        null,
      ]);
    }
    expect(verdict(log, whole)).toBe(null);
  });
});
