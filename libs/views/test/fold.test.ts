import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccumulator } from '../src/accumulator.ts';
import { decodeChunk } from '../src/chunk.ts';
import { avg, count, max, sum } from '../src/declare-measures.ts';
import { view } from '../src/declare-view.ts';
import { sliding } from '../src/declare-window.ts';
import { createFold } from '../src/fold-columns.ts';
import type { Fold } from '../src/fold.ts';
import { bucketOf, encodeKey } from '../src/key.ts';
import type { BucketChunk } from '../src/partials.ts';
import type { View } from '../src/view.ts';
import { viewEvents } from '../src/testing/arbitraries.ts';
import { memoryColumns, MemoryDictionary, type MemoryEvent } from '../src/testing/memory-columns.ts';
import { contents, oracle, type Values } from './fold-oracle.ts';
import { mixedView, plainView, readings, sensorView } from './sample-views.ts';

function folded(of: View, events: readonly MemoryEvent[], fold: Fold = createFold(of)): BucketChunk[] {
  fold.apply(memoryColumns(of.stream, events), 0, events.length);
  return fold.takeDirty();
}

describe('a fold', { timeout: 30_000 }, () => {
  for (const [name, of] of [
    ['every kind of measure by three dimensions', mixedView],
    ['the headline view', sensorView],
  ] as const) {
    it(`equals exact arithmetic, one event at a time: ${name}`, () => {
      fc.assert(
        fc.property(viewEvents(of, 60), (events) => {
          expect(contents(of, folded(of, events))).toEqual(oracle(of, events));
        }),
      );
    });
  }

  it('takes only the rows it is told to', () => {
    const events = [0, 1, 2, 3].map((i): MemoryEvent => ({ time: i * 1_000, values: { sensorId: 'a', whole: i } }));
    const of = plainView(['sensorId'], [['n', 'sum', 'whole']]);
    const fold = createFold(of);
    fold.apply(memoryColumns(readings, events), 1, 3);
    expect(fold.rows).toBe(2);
    expect(contents(of, fold.takeDirty())).toEqual(oracle(of, events.slice(1, 3)));
  });

  it.each([
    ['one text', ['sensorId']],
    ['two texts', ['sensorId', 'site']],
    ['texts and numbers', ['sensorId', 'whole', 'site', 'alarm']],
  ])('follows dictionaries that begin anew, and forgets no key for it: %s', (_, dimensions) => {
    const of = plainView(dimensions, [['first', 'min', 'site']]);
    const dictionary = new MemoryDictionary();
    const fold = createFold(of);
    const all: MemoryEvent[] = [];
    for (const sensors of [['a', 'b'], ['b', 'c', 'a'], ['c']]) {
      const events = sensors.map((sensorId, i): MemoryEvent => ({
        time: i * 400,
        values: { sensorId, site: `at ${sensorId}`, whole: i - 1, alarm: i === 1 ? null : 1 },
      }));
      fold.apply(memoryColumns(readings, events, dictionary), 0, events.length);
      dictionary.reset();
      all.push(...events);
    }
    expect(contents(of, fold.takeDirty())).toEqual(oracle(of, all));
  });

  it('has one key without dimensions, and as many as there are numbers with one', () => {
    const events = [0, 2 ** 53, -(2 ** 53), 1, -1, 2 ** 32, 0, 2 ** 53].map((whole, i): MemoryEvent => ({
      time: i,
      values: { sensorId: 'a', whole, day: i % 3 === 0 ? null : 0 },
    }));
    for (const dimensions of [[], ['whole'], ['day'], ['day', 'whole']]) {
      const of = plainView(dimensions, [['n', 'count', null]]);
      expect(contents(of, folded(of, events))).toEqual(oracle(of, events));
    }
  });

  it('gives the whole chunk of each bucket that changed, and of no other, in buffers of their own', () => {
    const of = plainView(['sensorId'], [['n', 'count', null]], { buckets: 8 });
    const event = (sensorId: string, time: number): MemoryEvent => ({ time, values: { sensorId } });
    const fold = createFold(of);
    const first = folded(
      of,
      ['a', 'b', 'c', 'd', 'e'].map((id) => event(id, 0)),
      fold,
    );
    const before = first.map(({ bytes }) => bytes.join());
    const bucket = bucketOf(of, encodeKey(of, ['c']));
    const second = folded(of, [event('c', 0), event('c', 1_000)], fold);
    expect(second.map((chunk) => chunk.bucket)).toEqual([bucket]);
    expect(first.map(({ bytes }) => bytes.join())).toEqual(before);
    const inBucket = ['a', 'b', 'c', 'd', 'e'].filter((id) => bucketOf(of, encodeKey(of, [id])) === bucket);
    expect(contents(of, second).size).toBe(inBucket.length + 1);
    expect(fold.takeDirty()).toEqual([]);
  });

  it('does not depend on the order in which thousands of keys came, nor on slices before', () => {
    const of = plainView(['sensorId'], [['n', 'sum', 'whole']]);
    const events = Array.from({ length: 5_000 }, (_, i): MemoryEvent => ({
      time: (i % 3) * 1_000,
      values: { sensorId: `s${(i * 7919) % 3_001}`, whole: i },
    }));
    const columns = memoryColumns(readings, events);
    const fold = createFold(of);
    fold.apply(columns, 0, 2_500);
    fold.takeDirty();
    fold.clear();
    fold.apply(columns, 2_500, 5_000);
    fold.clear();
    fold.apply(columns, 0, 5_000);
    const again = fold.takeDirty();
    expect(again).toEqual(folded(of, events.toReversed()));
    const accumulator = createAccumulator(of, { widthMs: 1_000 });
    for (const { bytes } of again) accumulator.addChunk(bytes);
    expect(accumulator.toBucketChunks()).toEqual(again);
  });

  it('puts panes that came in disorder in order', () => {
    const of = plainView([], [['n', 'count', null]]);
    const events = Array.from({ length: 300 }, (_, i): MemoryEvent => ({
      time: ((i * 7919) % 300) * 1_000 - 150_000,
      values: {},
    }));
    const [chunk] = folded(of, events);
    const { panes } = decodeChunk(of, chunk?.bytes ?? new Uint8Array(0)).columns;
    expect([...panes]).toEqual(Array.from({ length: 300 }, (_, i) => i * 1_000 - 150_000));
  });

  it('never wraps a square: above 2^43 it is an error', () => {
    const of = plainView([], [['n', 'variance', 'whole']]);
    const of43 = (whole: number): MemoryEvent => ({ time: 0, values: { whole } });
    expect(() => folded(of, [of43(2 ** 43 + 1)])).toThrow(/A sum leaves 128 bits, or a square its bound/);
    const list = Array.from({ length: 5_000 }, () => of43(-(2 ** 43)));
    expect(contents(of, folded(of, list))).toEqual(oracle(of, list));
  });

  it('sums thousands of the largest numbers of either sign exactly', () => {
    const of = plainView([], [['total', 'sum', 'whole']]);
    for (const sign of [1, -1]) {
      const list = Array.from({ length: 9_000 }, (_, i): MemoryEvent => ({
        time: 0,
        values: { whole: sign * (2 ** 53 - 1 - 2 * (i % 7)) },
      }));
      expect(contents(of, folded(of, list))).toEqual(oracle(of, list));
    }
  });

  it('reads conditions and expressions, in dimensions and in measures', () => {
    const declared = view('declared', {
      from: readings,
      version: 1,
      where: (e) => e.temperature.greaterThan(0),
      dimensions: (e) => ({ sensor: e.sensorId, warm: e.temperature.atLeast(20) }),
      window: sliding('1m', { every: '1s' }),
      measures: (e) => ({
        events: count(),
        pressure: avg(e.pressure),
        twice: sum(e.temperature.plus(e.temperature)),
        most: max(e.pressure.orElse(0)),
      }),
      levels: { '1s': '2d' },
      serve: [{ key: ['sensor'] }],
    });
    const event = (sensorId: string, temperature: number, pressure: number | null): MemoryEvent => ({
      time: 0,
      values: { sensorId, temperature, pressure },
    });
    const chunks = folded(declared, [
      event('a', 0, 1),
      event('a', 1, null),
      event('a', 20_000, 5),
      event('a', 30_000, -7),
    ]);
    expect(contents(declared, chunks)).toEqual(new Map(expectedOf(declared)));
  });
});

/** By component, since their order is the declaration's own. */
function expectedOf(of: View): [string, Values][] {
  const cold: Record<string, bigint> = { rows: 1n, count: 0n, sumOfPressure: 0n, sum: 2n, max: 0n };
  const warm: Record<string, bigint> = { rows: 2n, count: 2n, sumOfPressure: -2n, sum: 100_000n, max: 5n };
  const pick = (from: Record<string, bigint>): Values =>
    of.components.map((c) => from[c.kind === 'sum' && c.of.op === 'field' ? 'sumOfPressure' : c.kind] ?? null);
  return [
    [JSON.stringify([['a', false], '0']), pick(cold)],
    [JSON.stringify([['a', true], '0']), pick(warm)],
  ];
}
