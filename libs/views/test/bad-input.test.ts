import { createDecoder, decimal, enumeration, instant, stream, text } from '@twofold/schemas';
import { memoryBatch } from '@twofold/schemas/testing';
import {
  calendar,
  count,
  createAccumulator,
  presentWindows,
  tumbling,
  view,
  ViewError,
  type NumberExpression,
  type ViewProblem,
} from '@twofold/views';
import { describe, expect, it } from 'vitest';

/** The stream as it is now: a field `pressure` was there before, and has gone. */
const readings = stream('readings', {
  fields: {
    sensor: text(),
    at: instant('ms'),
    temperature: decimal(2).between(-90, 400),
    state: enumeration(['on', 'off']),
  },
  id: ['sensor', 'at'],
  eventTime: 'at',
});

const right = {
  from: readings,
  version: 1,
  dimensions: () => ({}),
  window: tumbling('1h'),
  measures: () => ({ readings: count() }),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }],
} as const;

function problemOf(declare: () => unknown): string {
  try {
    declare();
  } catch (error) {
    if (!(error instanceof ViewError)) throw error;
    const problems = error.facts['problems'] as readonly ViewProblem[];
    expect(problems).toHaveLength(1);
    return problems.map(({ code, path, message }) => `${code} at ${path}: ${message}`).join();
  }
  return 'taken';
}

/** What becomes of a message beside one that is right: the right one counts, whatever stands beside it. */
function rejectionOf(message: object): string {
  const one = { sensor: 'a', at: 1, temperature: 20.25, state: 'on' };
  const batch = memoryBatch(0, 0, [
    { value: one, time: 1 },
    { value: { ...one, ...message }, time: 2 },
  ]);
  const { classes, rejections } = createDecoder(readings).decode(batch);
  expect([...classes.subarray(0, 2)]).toEqual([0, 2]);
  return rejections.map(({ code, field, detail }) => `${code} ${field ?? ''}: ${detail}`).join();
}

describe('bad input is refused with the reason and the mend', () => {
  it('a view over a field that vanished from its stream', () => {
    const vanished = (event: object): NumberExpression => {
      const fields = event as Readonly<Record<string, NumberExpression>>;
      return fields['pressure'] ?? sumOfNothing();
    };
    const refusal = problemOf(() => view('old', { ...right, where: (e) => vanished(e).greaterThan(1) }));
    expect(refusal).toBe(
      "NOT_DECLARED at where: The stream 'readings' has no field 'pressure'. There are: sensor, at, temperature, state.",
    );
  });

  it('a decimal with more digits than its field keeps, which .round() would take', () => {
    expect(rejectionOf({ temperature: 20.255 })).toMatch(/^TOO_MANY_DIGITS temperature: /);
    const rounding = stream('readings', {
      fields: { sensor: text(), at: instant('ms'), temperature: decimal(2).round() },
      id: ['sensor', 'at'],
      eventTime: 'at',
    });
    const batch = memoryBatch(0, 0, [{ value: { sensor: 'a', at: 1, temperature: 20.255 }, time: 1 }]);
    const column = createDecoder(rounding).decode(batch).fields[2];
    expect(column?.kind === 'number' ? column.values[0] : null).toBe(2026);
  });

  it('a value that an enumeration does not have', () => {
    expect(rejectionOf({ state: 'broken' })).toMatch(/^NOT_IN_ENUMERATION state: /);
    expect(problemOf(() => view('wrong', { ...right, where: (e) => e.state.equals('broken' as 'on') }))).toBe(
      'LITERAL_INVALID at where: "broken" is none of the values of \'state\': on, off.',
    );
  });

  it('a zone that there is not, with one that may have been meant', () => {
    expect(problemOf(() => view('days', { ...right, window: calendar('day', { zone: 'Europe/Berln' }) }))).toMatch(
      /^ZONE_UNKNOWN at window.zone: there is no time zone 'Europe\/Berln' in the tables .* Did you mean 'Europe\/Berlin'/,
    );
  });

  it('a level that can not express the grain of a calendar, with the widest that can', () => {
    const declare = (): unknown =>
      view('days', { ...right, window: calendar('day', { zone: 'Asia/Kathmandu' }), levels: { '1h': 'forever' } });
    expect(problemOf(declare)).toMatch(
      /^LEVEL_DOES_NOT_DIVIDE at levels.1h: panes of 1h do not meet the edges of every day in Asia\/Kathmandu.* Panes of '15m' do/,
    );
  });

  it('a grain that is asked for when an answer is read, of panes that do not divide it', () => {
    const stored = view('stored', right);
    const asked = { kind: 'tumbling', sizeMs: 90_000, everyMs: 90_000 } as const;
    const accumulator = createAccumulator(stored, { widthMs: 60_000 });
    expect(() => presentWindows(stored, accumulator, { from: 0, to: 1, window: asked })).toThrow(
      expect.objectContaining({ code: 'WINDOW_NOT_EXPRESSIBLE' }),
    );
  });
});

function sumOfNothing(): never {
  throw new RangeError('the field should have been refused by its name');
}
