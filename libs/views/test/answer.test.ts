import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccumulator, type Accumulator } from '../src/accumulator.ts';
import { presentTotal, presentWindows, type AnswerOptions } from '../src/answer.ts';
import { ChunkError } from '../src/chunk-error.ts';
import { createFold } from '../src/fold-columns.ts';
import { compareKeys, encodeKey } from '../src/key.ts';
import type { FixedWindow, View } from '../src/view.ts';
import { memoryColumns, type MemoryEvent } from '../src/testing/memory-columns.ts';
import { viewEvents } from '../src/testing/arbitraries.ts';
import { checkValues } from './check-values.ts';
import { plainView } from './sample-views.ts';

const view = plainView(
  ['sensorId'],
  [
    ['events', 'count', null],
    ['pressures', 'count', 'pressure'],
    ['total', 'sum', 'whole'],
    ['pressureTotal', 'sum', 'pressure'],
    ['vibrationTotal', 'sum', 'vibration'],
    ['pressure', 'avg', 'pressure'],
    ['vibration', 'avg', 'vibration'],
    ['spread', 'variance', 'wide'],
    ['temperatures', 'variance', 'temperature'],
    ['deviation', 'stddev', 'temperature'],
    ['shake', 'stddev', 'vibration'],
    ['least', 'min', 'whole'],
    ['most', 'max', 'whole'],
    ['lowest', 'min', 'pressure'],
    ['highest', 'max', 'vibration'],
    ['first', 'min', 'site'],
    ['last', 'max', 'site'],
    ['day', 'max', 'day'],
    ['latest', 'max', 'at'],
    ['alarm', 'max', 'alarm'],
    ['sites', 'distinct', 'site'],
    ['wholes', 'distinct', 'whole'],
    ['usualPressure', 'quantile', 'pressure'],
    ['usualShake', 'quantile', 'vibration'],
  ],
);

function accumulated(of: View, events: readonly MemoryEvent[], widthMs = 1_000): Accumulator {
  const fold = createFold(of);
  fold.apply(memoryColumns(of.stream, events), 0, events.length);
  const accumulator = createAccumulator(of, { widthMs });
  for (const { bytes } of fold.takeDirty()) accumulator.addChunk(bytes);
  return accumulator;
}

function fixed(sizeMs: number, everyMs: number): FixedWindow {
  return { kind: 'sliding', sizeMs, everyMs };
}

/** Events near enough for windows to share them. */
const nearEvents = viewEvents(view, 40).map((events) =>
  events.map((event, i): MemoryEvent => ({
    ...event,
    values: { ...event.values, sensorId: ['a', 'b', 'cc'][i % 3] ?? null },
    time: ((event.time % 200_000) + (i % 2) * 7_000) | 0,
  })),
);
const windows = fc
  .record({
    size: fc.integer({ min: 1, max: 90 }),
    every: fc.integer({ min: 1, max: 90 }),
    from: fc.integer({ min: -250_000, max: 250_000 }),
    length: fc.integer({ min: 0, max: 400_000 }),
  })
  .map(({ size, every, from, length }) => ({
    window: fixed(size * 1_000, every * 1_000),
    from,
    to: from + length,
  }));

describe('windows of an answer', { timeout: 30_000 }, () => {
  it('are those that hold an event and end in (from, to], each the sum of its own events, by key and window', () => {
    fc.assert(
      fc.property(nearEvents, windows, (events, options) => {
        const answer = presentWindows(view, accumulated(view, events), options);
        const rows = naiveWindows(events, options);
        expect(answer.rows).toBe(rows.length);
        rows.forEach(({ sensor, end, held }, row) => {
          expect(answer.keys[answer.keyOfRow[row] ?? 0]).toEqual(encodeKey(view, [sensor]));
          expect(answer.windowEnds[row]).toBe(end);
          expect(answer.windowStarts[row]).toBe(end - options.window.sizeMs);
          const values = new Map(Object.entries(answer.measures).map(([name, column]) => [name, column[row]]));
          checkValues(Object.fromEntries<unknown>(values), held);
        });
      }),
    );
  });

  it('do not depend on how the panes were merged', () => {
    fc.assert(
      fc.property(nearEvents, windows, fc.nat(40), (events, options, at) => {
        const whole = accumulated(view, events);
        const parts = createAccumulator(view, { widthMs: 1_000 });
        for (const half of [events.slice(at), events.slice(0, at)]) {
          for (const { bytes } of accumulated(view, half).toPieces(200)) parts.addChunk(bytes);
        }
        expect(presentWindows(view, parts, options)).toEqual(presentWindows(view, whole, options));
      }),
      { numRuns: 30 },
    );
  });

  it('are refused when the panes do not divide them, or when they are too many, with their number', () => {
    const accumulator = accumulated(view, [event('a', 0), event('a', 5_000), event('b', 0)], 5_000);
    const ask = (options: Partial<AnswerOptions>) => () =>
      presentWindows(view, accumulator, { from: 0, to: 60_000, ...options });
    expect(ask({ window: fixed(12_000, 5_000) })).toThrow(ChunkError);
    expect(ask({ window: fixed(10_000, 1_000) })).toThrow(/can not be summed from panes of 5000 ms/);
    expect(ask({ window: fixed(10_000, 5_000), maxRows: 4 })).toThrow(/has 5 rows; at most 4/);
    expect(ask({ window: fixed(10_000, 5_000), maxRows: 5 })().rows).toBe(5);
  });

  it('give only the measures that are asked for', () => {
    const accumulator = accumulated(view, [event('a', 0)]);
    const answer = presentWindows(view, accumulator, { from: -1, to: 60_000, only: ['events', 'least'] });
    expect(Object.keys(answer.measures)).toEqual(['events', 'least']);
  });
});

describe('a total', { timeout: 30_000 }, () => {
  it('has every pane of every key once', () => {
    fc.assert(
      fc.property(nearEvents, fc.integer({ min: -200, max: 200 }), (events, second) => {
        const accumulator = accumulated(view, events);
        const held = events.filter(({ time, class: c }) => c === 0 && Math.floor(time / 1_000) >= second);
        const total = presentTotal(view, accumulator, { paneFrom: second * 1_000 });
        checkValues(Object.fromEntries(Object.entries(total.measures).map(([name, [value]]) => [name, value])), held);
      }),
    );
  });
});

describe('the forms of values', () => {
  it('are exact, and those that people know', () => {
    const values = { pressure: 12_340, whole: -5, vibration: 2 ** 19, day: 20_000, at: 1_700_000_000_123, alarm: 1 };
    const more = { temperature: -7, wide: 3, site: 'é' };
    const total = presentTotal(
      view,
      accumulated(view, [
        { time: 0, values: { sensorId: 'a', ...values, ...more } },
        { time: 1, values: { sensorId: 'a', ...values, ...more } },
      ]),
    );
    expect(Object.fromEntries(Object.entries(total.measures).map(([name, [value]]) => [name, value]))).toEqual({
      events: 2,
      pressures: 2,
      total: -10,
      pressureTotal: '24.680',
      vibrationTotal: 1,
      pressure: 12.34,
      vibration: 0.5,
      spread: 0,
      temperatures: 0,
      deviation: 0,
      shake: 0,
      least: -5,
      most: -5,
      lowest: '12.340',
      highest: 0.5,
      first: 'é',
      last: 'é',
      day: '2024-10-04',
      latest: '2023-11-14T22:13:20.123Z',
      alarm: true,
      sites: 1,
      wholes: 1,
      // The middles of [12.288, 12.416) and of [2^19, 2^19 + 2^13) quanta.
      usualPressure: 12.3515,
      usualShake: (2 ** 19 + (2 ** 13 - 1) / 2) / 2 ** 20,
    });
  });

  it('are null where there was no value, and 0 only for counts', () => {
    const { measures } = presentTotal(view, createAccumulator(view, { widthMs: 1_000 }));
    for (const [name, [value]] of Object.entries(measures)) {
      expect(value, name).toBe(['events', 'pressures', 'sites', 'wholes'].includes(name) ? 0 : null);
    }
  });

  it('keep a sum above 2^53 as a bigint, and give equal sums equal forms', () => {
    const events = [2 ** 53, 2 ** 53, -(2 ** 53), 1].map((whole, i) => event('a', i * 1_000, { whole }));
    const accumulator = accumulated(view, events);
    const answer = presentWindows(view, accumulator, { from: 0, to: 4_000, window: fixed(2_000, 1_000) });
    expect(answer.measures['total']).toEqual([2 ** 53, 2n ** 54n, 0, 1 - 2 ** 53]);
  });
});

describe('derived values', () => {
  it('are computed from the finished measures', () => {
    const measure = (name: string) =>
      ({
        op: 'measure',
        measure: name,
        type: { kind: 'number', scale: 0, quantum: null, min: 0, max: 0, nullable: true },
      }) as const;
    const type = measure('total').type;
    const derived: View = {
      ...view,
      derived: [
        {
          name: 'ratio',
          unit: null,
          expr: { op: 'divide', left: measure('pressureTotal'), right: measure('events'), type },
        },
        {
          name: 'high',
          unit: null,
          expr: {
            op: 'gt',
            left: measure('pressureTotal'),
            right: measure('events'),
            type: { kind: 'boolean', nullable: true },
          },
        },
      ],
    };
    const accumulator = accumulated(derived, [event('a', 0, { pressure: 5_000 }), event('a', 1, { pressure: 2_500 })]);
    const answer = presentTotal(derived, accumulator);
    expect(answer.derived).toEqual({ ratio: [3.75], high: [true] });
    expect(presentTotal(derived, createAccumulator(derived, { widthMs: 1_000 })).derived).toEqual({
      ratio: [null],
      high: [null],
    });
    expect(presentTotal(derived, accumulator, { only: ['ratio'] })).toEqual({
      rows: 1,
      measures: {},
      derived: { ratio: [3.75] },
    });
  });
});

function event(
  sensorId: string,
  time: number,
  values: Readonly<Record<string, number | string | null>> = {},
): MemoryEvent {
  return { time, values: { sensorId, at: time, temperature: 0, vibration: 0, whole: 0, ...values } };
}

interface NaiveWindow {
  readonly sensor: string;
  readonly end: number;
  readonly held: readonly MemoryEvent[];
}

function naiveWindows(
  events: readonly MemoryEvent[],
  { window: { sizeMs, everyMs }, from, to }: { window: FixedWindow; from: number; to: number },
): NaiveWindow[] {
  const rows: NaiveWindow[] = [];
  const applied = events.filter((e) => e.class === 0);
  const sensors = [...new Set(applied.map(({ values }) => String(values['sensorId'])))];
  sensors.sort((a, b) => compareKeys(encodeKey(view, [a]), encodeKey(view, [b])));
  for (const sensor of sensors) {
    for (let end = Math.ceil((from + 1) / everyMs) * everyMs; end <= to; end += everyMs) {
      // A pane belongs to a window when it lies inside it; both have edges at whole seconds.
      const held = applied.filter(
        ({ time, values }) => values['sensorId'] === sensor && time >= end - sizeMs && time < end,
      );
      if (held.length > 0) rows.push({ sensor, end: end + 0, held });
    }
  }
  return rows;
}
