import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createClassifier,
  createDecoder,
  instant,
  int,
  stream,
  text,
  type Classifier,
  type ClassifierOptions,
  type RecordBatch,
  type Stream,
} from '../src/index.ts';
import { IdWords } from '../src/id-words.ts';
import { SwitchingHorizon } from '../src/switching-horizon.ts';
import { memoryBatch } from '../src/testing/index.ts';

const time = 1_700_000_000_000;

function declare(dedupeHorizon: number, numberFirst = false): Stream {
  const fields = { key: text(), n: int(), at: instant('ms') };
  return stream('s', { fields, id: numberFirst ? ['n', 'key'] : ['key', 'n'], eventTime: 'at', dedupeHorizon });
}

/** A record; or so many positions without one; or a record that is rejected. */
type Step = { readonly key: string; readonly n: number } | { readonly gap: number } | 'rejected';
type Placed = { readonly offset: number; readonly key: string; readonly n: number } | { readonly offset: number };

/** How a stretch of the log looks: how fast its numbers rise, how far they are out of order, how many keys share it. */
const stretch = fc.record({
  length: fc.integer({ min: 1, max: 120 }),
  keys: fc.constantFrom(1, 1, 2, 7, 1000),
  rise: fc.constantFrom(-1, 0, 0.2, 1, 2 ** 33),
  disorder: fc.constantFrom(0, 0, 2, 30, 2 ** 34),
  gaps: fc.constantFrom(0, 0.1, 0.5),
  seed: fc.integer(),
});

function stepsOf(stretches: readonly StretchValue[]): Step[] {
  const steps: Step[] = [];
  for (const { length, keys, rise, disorder, gaps, seed } of stretches) {
    let state = seed >>> 0;
    const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    for (let i = 0; i < length; i++) {
      const kind = random();
      if (kind < gaps) steps.push({ gap: Math.floor(random() * random() * 50) });
      else if (kind > 0.97) steps.push('rejected');
      else {
        const n = Math.floor(i * rise - random() * disorder);
        steps.push({ key: `key ${Math.floor(random() * keys)}`, n });
      }
    }
  }
  return steps;
}

interface StretchValue {
  readonly length: number;
  readonly keys: number;
  readonly rise: number;
  readonly disorder: number;
  readonly gaps: number;
  readonly seed: number;
}

/** Batches of the given sizes (in records), over and over; and what stands where. */
function layOut(steps: readonly Step[], sizes: readonly number[], origin: number): [RecordBatch[], Placed[]] {
  const batches: RecordBatch[] = [];
  const placed: Placed[] = [];
  let base = origin;
  let at = origin;
  let records: { value: unknown; time: number; offsetDelta: number }[] = [];
  const close = (): void => {
    batches.push(memoryBatch(0, base, records, at));
    records = [];
    base = at;
  };
  for (const step of steps) {
    if (typeof step === 'object' && 'gap' in step) at += step.gap;
    else {
      const value = step === 'rejected' ? '?' : { ...step, at: time };
      placed.push(step === 'rejected' ? { offset: at } : { offset: at, ...step });
      records.push({ value, time, offsetDelta: at++ - base });
      if (records.length >= (sizes[batches.length % sizes.length] ?? 1)) close();
    }
  }
  close();
  return [batches, placed];
}

/** E9 as it is written, by offset. */
function byRule(placed: readonly Placed[], horizon: number): [number, number][] {
  return placed.map((here, i) => {
    if (!('key' in here)) return [here.offset, 2];
    const again = placed
      .slice(0, i)
      .some((one) => 'key' in one && one.key === here.key && one.n === here.n && here.offset - one.offset <= horizon);
    return [here.offset, again ? 1 : 0];
  });
}

function run(declared: Stream, classifier: Classifier, batches: readonly RecordBatch[], reset = 0): [number, number][] {
  const decoder = createDecoder(declared);
  classifier.restart(batches[0]?.baseOffset ?? 0);
  return batches.flatMap((batch, i) => {
    if (reset > 0 && i % reset === 0) decoder.dictionary.reset();
    const columns = decoder.decode(batch);
    classifier.classify(columns);
    return Array.from({ length: columns.count }, (_, row): [number, number] => [
      columns.offsets[row] ?? -1,
      columns.classes[row] ?? -1,
    ]);
  });
}

const ways: readonly ClassifierOptions[] = [
  { by: 'tables' },
  { by: 'chains' },
  { by: 'chains', mostSteps: 0 },
  { by: 'chains', mostSteps: -400 },
  { by: 'chains', mostSteps: 100 },
];

const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
const stretches = fc.array(stretch, { minLength: 1, maxLength: 6 });
const horizons = fc.constantFrom(1, 2, 5, 20, 64, 200);

describe('chains and tables', () => {
  it('both say what E9 says: gaps, equal numbers, hot keys, disorder, texts that are let go', () => {
    fc.assert(
      fc.property(
        stretches,
        sizes,
        horizons,
        fc.boolean(),
        fc.constantFrom(0, 7, 2 ** 40),
        fc.nat({ max: 4 }),
        (parts, cuts, horizon, numberFirst, origin, reset) => {
          const declared = declare(horizon, numberFirst);
          const [batches, placed] = layOut(stepsOf(parts), cuts, origin);
          const wanted = byRule(placed, horizon);
          for (const way of ways)
            expect([way, run(declared, createClassifier(declared, way), batches, reset)]).toEqual([way, wanted]);
        },
      ),
      { numRuns: 300 },
    );
  }, 120_000);

  it('are right again once they have read the horizon before the place where they start anew', () => {
    fc.assert(
      fc.property(stretches, sizes, horizons, fc.nat(), (parts, cuts, horizon, from) => {
        const declared = declare(horizon);
        const [batches, placed] = layOut(stepsOf(parts), cuts, 0);
        const restarted = batches.slice(from % batches.length);
        const trusted = (restarted[0]?.baseOffset ?? 0) + horizon;
        const wanted = byRule(placed, horizon).filter(([offset]) => offset >= trusted);
        for (const way of ways) {
          const classifier = createClassifier(declared, way);
          run(declared, classifier, batches);
          const found = run(declared, classifier, restarted).filter(([offset]) => offset >= trusted);
          expect([way, found]).toEqual([way, wanted]);
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('find the copy that is just within the horizon, and not the one just beyond, at every change from one to the other', () => {
    for (const [period, wanted] of [
      [20, 1],
      [21, 0],
    ] as const) {
      const declared = declare(20);
      const steps = Array.from({ length: 2000 }, (_, i) => ({ key: 'hot', n: -(i % period) }));
      const [batches] = layOut(steps, [1], 0);
      for (const way of ways) {
        const found = run(declared, createClassifier(declared, way), batches).slice(period);
        expect([way, found.filter(([, one]) => one !== wanted)]).toEqual([way, []]);
      }
    }
  });

  it('agree over a long log of many keys, some late and some sent twice', () => {
    const declared = declare(5000);
    const steps: Step[] = Array.from({ length: 60_000 }, (_, i) => {
      const late = i % 97 === 0 ? 40 : 0;
      const twice = i % 31 === 0 ? i - (i % 7) * 990 : i;
      return { key: `key ${(twice * 7919) % 3001}`, n: twice - late };
    });
    const [batches] = layOut(steps, [700], 3);
    const byTables = run(declared, createClassifier(declared, { by: 'tables' }), batches, 9);
    expect(run(declared, createClassifier(declared), batches, 5)).toEqual(byTables);
    expect(byTables.filter(([, found]) => found === 1).length).toBeGreaterThan(500);
  });
});

describe('a horizon that switches', () => {
  /** Is it by tables, after each batch? */
  function course(horizon: number, mostCredit: number, batches: readonly RecordBatch[]): boolean[] {
    const declared = declare(horizon);
    const id = new IdWords(declared).keyAndNumber;
    if (id === null) throw new TypeError('the id is a text and a number');
    const switching = new SwitchingHorizon(declared, id, mostCredit);
    const decoder = createDecoder(declared);
    return batches.map((batch) => {
      switching.mark(decoder.decode(batch));
      return switching.byTables;
    });
  }

  const hot = (count: number, n: (i: number) => number): Step[] =>
    Array.from({ length: count }, (_, i) => ({ key: 'hot', n: n(i) }));

  it('stays with chains while numbers rise, also when some are a little late or equal', () => {
    const [batches] = layOut(
      hot(20_000, (i) => (i % 10 === 0 ? i - 6 : Math.floor(i / 2) * 2)),
      [100],
      0,
    );
    expect(course(1000, 8000, batches)).not.toContain(true);
  });

  it('leaves chains where a hot key runs backwards, and comes back to them when that is over', () => {
    const falling = hot(3000, (i) => 1_000_000 - i);
    const [batches] = layOut([...falling, ...hot(60_000, (i) => 2_000_000 + i)], [100], 0);
    const found = course(1000, 8000, batches);
    expect(found[0]).toBe(false);
    expect(found.slice(5, 30)).toContain(true);
    expect(found.at(-1)).toBe(false);
  });

  it('is by tables for most of a log that runs backwards for ever', () => {
    const [batches] = layOut(
      hot(60_000, (i) => 1_000_000 - i),
      [100],
      0,
    );
    const found = course(1000, 8000, batches);
    expect(found.filter((byTables) => byTables).length).toBeGreaterThan(found.length * 0.9);
  });
});
