import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyCorrections,
  classify,
  compareAnswers,
  oracleAnswer,
  oraclePartials,
  type OracleQuery,
} from '@twofold/oracle';
import { reducer, tumbling, view } from '@twofold/views';
import { productAnswer } from './product-answer.ts';
import { logOf, overall, perMachine, ticks } from './sample.ts';

const everything = { from: -Infinity, to: Infinity };
const log = classify(
  ticks,
  logOf([
    { machine: 'a', at: 1500, speed: 10.25, noise: 1.9, load: 7 },
    { machine: 'b', at: 1600, load: -2 },
    { machine: 'a', at: 1500, speed: 10.25, noise: 1.9, load: 7 },
    { machine: 'a', at: 2999, speed: 0.5, noise: -0.1, load: 13 },
    { machine: 'a', at: 3000, speed: 0.5, noise: -0.1, load: -8 },
    { machine: 'a', at: 9000 },
  ]),
  [0],
);
const ends = (query: OracleQuery): string[] =>
  oracleAnswer(perMachine, log, query).map(
    (row) => `${row.key.join()} ${row.windowEnd} ${JSON.stringify(row.values['events'])}`,
  );

describe('an answer of the oracle', () => {
  it('counts an event in every window that holds it, once, if it is applied and passes where', () => {
    expect(ends(everything)).toEqual([
      ...['a 2000 1', 'a 3000 1', 'a 4000 2', 'a 5000 1', 'a 6000 1', 'a 10000 1', 'a 11000 1', 'a 12000 1'],
      ...['b 2000 1', 'b 3000 1', 'b 4000 1'],
    ]);
  });

  it('gives values in the form of answers, rounded once', () => {
    const row = oracleAnswer(perMachine, log, { from: 3999, to: 4000, keys: [['a']] })[0];
    expect(row).toEqual({
      key: ['a'],
      dimensions: { machine: 'a' },
      windowStart: 1000,
      windowEnd: 4000,
      values: {
        events: 2,
        loads: 2,
        total: -1,
        speed: 5.375,
        speedSum: '10.75',
        spread: 112.5,
        deviation: Math.sqrt(2),
        low: '0.50',
        high: 1.75,
        latest: '1970-01-01T00:00:03.000Z',
        loadsSeen: 2,
        speeds: 2,
        machines: 1,
        usualLoad: -8,
        highNoise: 1.75,
        lowSpeed: 0.495,
      },
      derived: { perEvent: -0.5, busy: false },
    });
  });

  it('has null for what no event had, and 0 for counts', () => {
    expect(oracleAnswer(perMachine, log, { from: 9000, to: 10_000 })[0]?.values).toEqual({
      ...{ events: 1, loads: 0, total: null, speed: null, speedSum: null, spread: null, deviation: null },
      ...{ low: null, high: null, latest: '1970-01-01T00:00:09.000Z' },
      ...{ loadsSeen: 0, speeds: 0, machines: 1, usualLoad: null, highNoise: null, lowSpeed: null },
    });
  });

  it('takes windows that end after from and not after to', () => {
    expect(ends({ from: 2000, to: 4000, keys: [['b']] })).toEqual(['b 3000 1', 'b 4000 1']);
  });

  it('counts positions up to and from where it is told, with the classes of the whole log', () => {
    expect(ends({ from: 0, to: 2000, atOrAbove: [1] })).toEqual(['b 2000 1']);
    expect(ends({ from: 0, to: 2000, upTo: [1] })).toEqual(['a 2000 1']);
  });

  it('leaves out panes whose end is at or before the watermark minus what their level retains', () => {
    // Levels: 1s for 10s; 3s for 20s; 1m for ever. The window of 3s every 1s is summed from 1s panes.
    expect(ends({ ...everything, watermark: 12_000, keys: [['b']] })).toHaveLength(0);
    expect(ends({ ...everything, watermark: 11_999, keys: [['b']] })).toHaveLength(3);
    // A grain of 3s is summed from panes of 3s, a pane [0, 3s) that lives until the watermark is 23s.
    expect(ends({ ...everything, watermark: 22_999, grainMs: 3000, keys: [['b']] })).toEqual(['b 3000 1']);
    expect(ends({ ...everything, watermark: 23_000, grainMs: 3000, keys: [['b']] })).toHaveLength(0);
    expect(ends({ ...everything, watermark: 1e9, grainMs: 60_000 })).toEqual(['a 60000 3', 'b 60000 1']);
    expect(() => ends({ ...everything, grainMs: 1500 })).toThrow(RangeError);
  });

  it('has one row a window for a view without dimensions', () => {
    expect(oracleAnswer(overall, log, everything)).toEqual([
      expect.objectContaining({ key: [], windowEnd: 60_000, values: { events: 5, least: -8 } }),
    ]);
  });
});

describe('partials', () => {
  it('hold one value a component, by key and pane', () => {
    expect(overall.components.map(({ kind }) => kind)).toEqual(['rows', 'min']);
    expect(oraclePartials(overall, log)).toEqual([{ key: [], pane: 0, components: [5n, -8n] }]);
    expect(oraclePartials(overall, log, { widthMs: 3000, upTo: [4] })).toEqual([
      { key: [], pane: 0, components: [3n, -2n] },
    ]);
  });
});

const event = fc.record({
  machine: fc.constantFrom('a', 'b', 'é'),
  at: fc.integer({ min: -9_000, max: 30_000 }),
  speed: fc.option(fc.integer({ min: -10_000, max: 90_000 }).map((units) => units / 100)),
  noise: fc.option(fc.integer({ min: -64_000, max: 64_000 }).map((parts) => parts / 64)),
  load: fc.option(fc.integer({ min: -1000, max: 1000 })),
});
const queries = fc
  .tuple(fc.integer({ min: -10_000, max: 20_000 }), fc.nat({ max: 30_000 }), fc.constantFrom(undefined, 1000, 6000))
  .map(([from, length, grainMs]) => ({ from, to: from + length, ...(grainMs === undefined ? {} : { grainMs }) }));

describe('the oracle', () => {
  it('equals a count by brute force over all windows', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), queries, (events, query) => {
        const size = query.grainMs ?? 3000;
        const every = query.grainMs ?? 1000;
        const applied = events.filter(
          ({ machine, at }, i) =>
            !events.slice(Math.max(0, i - 3), i).some((e) => e.machine === machine && e.at === at),
        );
        const expected: string[] = [];
        for (const machine of ['a', 'b', 'é'])
          for (let end = -60_000; end <= 60_000; end += every) {
            const inside = applied.filter(
              (e) => e.machine === machine && e.load !== 13 && e.at >= end - size && e.at < end,
            );
            if (inside.length === 0 || end <= query.from || end > query.to) continue;
            const total = inside.reduce((sum, { load }) => sum + (load ?? 0), 0);
            const some = inside.some(({ load }) => load !== null);
            const high = Math.max(
              ...inside.map(({ noise }) => (noise === null ? -Infinity : Math.floor(noise * 4) / 4)),
            );
            expected.push(
              JSON.stringify([machine, end, inside.length, some ? total : null, high === -Infinity ? null : high]),
            );
          }
        const rows = oracleAnswer(perMachine, classify(ticks, logOf(events), [0]), query);
        expect(
          rows.map(({ key, windowEnd, values: { events: n, total, high } }) =>
            JSON.stringify([key[0], windowEnd, n, total, high]),
          ),
        ).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it('agrees to the last bit with fold, merge and presentation of the product', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), queries, (events, query) => {
        const records = logOf(events);
        const rows = oracleAnswer(perMachine, classify(ticks, records, [0]), query);
        expect(compareAnswers(rows, productAnswer(perMachine, records, query))).toBeNull();
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});

describe('a comparison', () => {
  const rows = oracleAnswer(perMachine, log, { from: 1000, to: 3000, keys: [['a']] });
  const [first, second] = rows;
  it('is silent when rows are the same, in any order, and between whole numbers of both kinds', () => {
    const other = rows.map((row) => ({ ...row, values: { ...row.values, events: 1n } })).reverse();
    expect(compareAnswers(rows, other)).toBeNull();
  });

  it('tells the first difference in words', () => {
    if (first === undefined || second === undefined) throw new TypeError('two rows were expected');
    const at = 'machine="a", window ending 1970-01-01T00:00:02.000Z';
    expect(compareAnswers(rows, [second])).toMatch(`${at}: not served; it should have {"events":1,`);
    expect(compareAnswers([second], rows)).toBe(`${at}: served, and no event lies in it`);
    expect(compareAnswers(rows, [first, first])).toBe(`${at}: served twice`);
    const high = (value: number): string | null =>
      compareAnswers([first], [{ ...first, values: { ...first.values, high: value } }]);
    expect(high(1.7500000000000002)).toBe(`${at}: high is 1.7500000000000002, and should be 1.75`);
    expect(compareAnswers([first], [{ ...first, derived: {} }])).toBe(`${at}: perEvent is not there, and should be 7`);
    expect(compareAnswers([first], [{ ...first, derived: {} }], ['high'])).toBeNull();
    expect(compareAnswers([first], [{ ...first, windowStart: 0 }])).toMatch(/windowStart is .*00Z, and should be/);
  });
});

it('E22: a reducer that makes nothing of events names the first that counts, and none once they are all taken away', () => {
  const heaviest = view('heaviest', {
    from: ticks,
    version: 1,
    dimensions: () => ({}),
    window: tumbling('1m'),
    measures: (e) => ({
      own: reducer({
        of: { load: e.load },
        zero: -1000,
        lift: ({ load }) => (load === 13 || load === -8 ? 0.5 : (load ?? -1000)),
        plus: (a, b) => Math.max(a, b),
        shows: 'number',
        present: (state) => state,
      }),
    }),
    levels: { '1m': 'forever' },
    serve: [{ key: [] }],
  });
  const drop = (offset: number, number: number) => ({
    ...{ id: `c${number}`, reverts: null, source: 2 ** 30 + number, rows: [], rowTime: 0 },
    drops: [{ source: 0, offset }],
  });
  const shown = (...offsets: readonly number[]) => {
    const counted = applyCorrections(ticks, log, offsets.map(drop));
    return oraclePartials(heaviest, counted).map(({ components }) => components.at(-1));
  };
  expect([shown(), shown(3), shown(4), shown(3, 4)]).toEqual([
    ['!lift 0 3 gave'],
    ['!lift 0 4 gave'],
    ['!lift 0 3 gave'],
    ['7'],
  ]);
});
