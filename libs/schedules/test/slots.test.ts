import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latestSlot, nextSlot, parseCron, slotsBetween, wakeExpression } from '@twofold/schedules';

const MINUTE_MS = 60_000;

test('a day that no month has is never due', () => {
  expect(latestSlot(parseCron('0 0 30 Feb *'), Date.UTC(2026, 0, 1))).toBeNull();
  expect(latestSlot(parseCron('0 0 31 Apr *'), Date.UTC(2026, 0, 1))).toBeNull();
  expect(latestSlot(parseCron('0 0 29 2 *'), Date.UTC(2027, 11, 31))).toBe(Date.UTC(2024, 1, 29));
  expect(latestSlot(parseCron('0 0 29 2 *'), Date.UTC(2104, 1, 28))).toBe(Date.UTC(2096, 1, 29));
});

test.each([
  'xyz',
  '60 0 * * *',
  '0 60 * * *',
  '0 0 * * XYZ',
  '',
  '* * * *',
  '*/0 * * * *',
  '5-1 * * * *',
  '@often',
  '1-2-3 * * * *',
  '*/2/2 * * * *',
  '1.5 * * * *',
  '-1 * * * *',
  '0 0 * * 8',
])('"%s" is refused with what is wrong', (expression) => {
  expect(() => parseCron(expression)).toThrow(expect.objectContaining({ code: 'CRON_INVALID' }));
});

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

test('the next slot follows the newest one, and none lies between', () => {
  const expressions = ['*/7 * * * *', '0 0 29 2 *', '15 4 1,15 * Mon', '@weekly', '30 */6 * * *'];
  fc.assert(
    fc.property(fc.constantFrom(...expressions), fc.integer({ min: 0, max: 200_000_000 }), (expression, seconds) => {
      const table = parseCron(expression);
      const now = Date.UTC(2024, 0, 1) + seconds * 1_000;
      const newest = latestSlot(table, now) ?? NaN;
      const after = nextSlot(table, now) ?? NaN;
      expect(newest).toBeLessThanOrEqual(now);
      expect(after).toBeGreaterThan(now);
      expect(nextSlot(table, newest)).toBe(after);
      expect(latestSlot(table, after - 1)).toBe(newest);
      expect(slotsBetween(table, newest, after)).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('an expression to be woken by names every slot, in plain lists', () => {
  for (const expression of ['0/20 * * * *', '15/35 20-35/15 1/2 */2 * *', '0 0 9-11 * Feb Mon/2', '30 8 ? Jul Sun']) {
    const table = parseCron(expression);
    const woken = wakeExpression(table);
    expect(woken).toMatch(/^[\d, *]+$/);
    for (let at = Date.UTC(2026, 0, 1), i = 0; i < 50; i++) {
      at = nextSlot(table, at) ?? at;
      expect(latestSlot(parseCron(woken), at)).toBe(at);
    }
  }
});

test('a field of seconds is read when there are six fields', () => {
  const now = Date.UTC(2026, 0, 1, 10, 7, 44);
  expect(latestSlot(parseCron('*/15 * * * * *'), now)).toBe(Date.UTC(2026, 0, 1, 10, 7, 30));
});
