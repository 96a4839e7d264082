import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latestSlot, parseCron } from '../src/cron-slots.ts';

const MINUTE_MS = 60_000;

/** Facts of how cron expressions are commonly read: time, expression, does it fire then? */
test.each([
  ['2012-07-09T15:00:00Z', '0/15 * * * *', true],
  ['2012-07-09T15:45:00Z', '0/15 * * * *', true],
  ['2012-07-09T15:40:00Z', '0/15 * * * *', false],
  ['2012-07-09T15:05:00Z', '5/15 * * * *', true],
  ['2012-07-09T15:20:00Z', '5/15 * * * *', true],
  ['2012-07-09T15:50:00Z', '5/15 * * * *', true],
  ['2012-07-15T15:00:00Z', '0/15 * * Jul *', true],
  ['2012-07-15T15:00:00Z', '0/15 * * Jun *', false],
  ['2012-07-15T08:30:00Z', '30 08 * Jul Sun', true],
  ['2012-07-16T08:30:00Z', '30 08 * Jul Sun', false],
  ['2012-07-15T08:30:00Z', '30 08 15 Jul *', true],
  ['2012-07-15T00:00:00Z', '* * 1,15 * Sun', true],
  ['2012-06-15T00:00:00Z', '* * 1,15 * Sun', true],
  ['2012-08-01T00:00:00Z', '* * 1,15 * Sun', true],
  ['2012-07-15T00:00:00Z', '* * * * Mon', false],
  ['2012-07-15T00:00:00Z', '* * 1,15 * *', true],
  ['2012-07-09T00:00:00Z', '* * 1,15 * *', false],
  ['2012-07-15T00:00:00Z', '0 0 * * 7', true],
])('at %s, "%s" is due: %s', (time, expression, due) => {
  const now = Date.parse(time);
  expect(latestSlot(parseCron(expression), now) === now).toBe(due);
});

test('a day that no month has is never due', () => {
  expect(latestSlot(parseCron('0 0 30 Feb *'), Date.UTC(2026, 0, 1))).toBeNull();
  expect(latestSlot(parseCron('0 0 31 Apr *'), Date.UTC(2026, 0, 1))).toBeNull();
  expect(latestSlot(parseCron('0 0 29 2 *'), Date.UTC(2027, 11, 31))).toBe(Date.UTC(2024, 1, 29));
  expect(latestSlot(parseCron('0 0 29 2 *'), Date.UTC(2104, 1, 28))).toBe(Date.UTC(2096, 1, 29));
});

test.each(['xyz', '60 0 * * *', '0 60 * * *', '0 0 * * XYZ', '', '* * * *', '*/0 * * * *', '5-1 * * * *', '@hourly'])(
  '"%s" is refused with what is wrong',
  (expression) => {
    expect(() => parseCron(expression)).toThrow(expect.objectContaining({ code: 'CRON_INVALID' }));
  },
);

test('the newest slot is the one that a search minute by minute finds', () => {
  const field = (low: number, high: number): fc.Arbitrary<string> =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: low, max: high }).map(String),
      fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`),
      fc
        .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high })).map(([a, b]) => `${a},${b}`),
    );
  const expressions = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6));
  fc.assert(
    fc.property(expressions, fc.integer({ min: 0, max: 5_000_000 }), (fields, minutes) => {
      const now = Date.UTC(2024, 0, 1) + minutes * MINUTE_MS + 31_000;
      const slots = parseCron(fields.join(' '));
      const either = fields[2] !== '*' && fields[4] !== '*';
      const due = (at: number): boolean => {
        const d = new Date(at);
        const day = slots.days.has(d.getUTCDate());
        const weekday = slots.weekdays.has(d.getUTCDay());
        return (
          slots.minutes.has(d.getUTCMinutes()) &&
          slots.hours.has(d.getUTCHours()) &&
          slots.months.has(d.getUTCMonth() + 1) &&
          (either ? day || weekday : day && weekday)
        );
      };
      // Forty days back at the most; beyond, only that nothing was skipped is checked.
      const oldest = now - 40 * 86_400_000;
      let found: number | null = null;
      for (let at = Math.floor(now / MINUTE_MS) * MINUTE_MS; at >= oldest; at -= MINUTE_MS)
        if (due(at)) {
          found = at;
          break;
        }
      const slot = latestSlot(slots, now);
      if (found !== null) expect(slot).toBe(found);
      else if (slot !== null) {
        expect(slot).toBeLessThan(oldest);
        expect(due(slot)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test('a field of seconds is read when there are six fields', () => {
  const now = Date.UTC(2026, 0, 1, 10, 7, 44);
  expect(latestSlot(parseCron('*/15 * * * * *'), now)).toBe(Date.UTC(2026, 0, 1, 10, 7, 30));
});
