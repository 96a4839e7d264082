import {
  createAccumulator,
  createFold,
  failureMessage,
  foldSql,
  presentWindows,
  reducer,
  sliding,
  sum,
  view,
  viewFacts,
  ViewError,
  type RowOf,
  type View,
  type ViewProblem,
  type WindowAnswer,
} from '@twofold/views';
import { measureLaws, memoryColumns, type MemoryEvent } from '@twofold/views/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { readings } from './sensor-streams.ts';

const common = {
  from: readings,
  version: 1,
  dimensions: () => ({}),
  window: sliding('1m', { every: '30s' }),
  levels: { '30s': 'forever' },
  serve: [{ key: [] }],
} as const;

/** A product modulo a prime, and the notes that were seen: no other measure says it. */
const own = view('own', {
  ...common,
  measures: (e) => ({
    product: reducer({
      of: { starts: e.starts, tested: e.tested },
      zero: 1,
      lift: ({ starts, tested }) => (tested === true ? (((starts ?? 1) % 997) + 997) % 997 || 1 : 1),
      plus: (a, b) => (a * b) % 997,
      shows: 'number',
      present: (state) => state / 2,
    }),
    seen: reducer({
      of: { note: e.note, state: e.state },
      zero: { notes: [] as readonly string[], states: { on: 0, off: 0, fault: 0 } },
      lift: ({ note, state }) => ({
        notes: note === null ? [] : [note],
        states: { on: 0, off: 0, fault: 0, [state]: 1 },
      }),
      plus: (a, b) => ({
        notes: [...new Set([...a.notes, ...b.notes])].sort(),
        states: {
          on: a.states.on + b.states.on,
          off: a.states.off + b.states.off,
          fault: a.states.fault + b.states.fault,
        },
      }),
      shows: 'text',
      present: ({ notes, states }) => (notes.length === 0 ? null : `${notes.join('|')} ${states.fault}`),
    }),
  }),
});

measureLaws('reducers', own);

const base = { sensorId: 'a', at: 0, temperature: 0, vibration: 0, serial: 1, state: 'on', tested: 1 };

function answered(of: View, events: readonly MemoryEvent[]) {
  return answer(of, events).measures;
}

function answer(of: View, events: readonly MemoryEvent[]): WindowAnswer {
  const fold = createFold(of);
  fold.apply(memoryColumns(of.stream, events), 0, events.length);
  const accumulator = createAccumulator(of, { widthMs: 30_000 });
  for (const { bytes } of fold.takeDirty()) accumulator.addChunk(bytes);
  return presentWindows(of, accumulator, { from: -Infinity, to: Infinity });
}

/** A reducer over one number, right but for what is told. */
function declared(spoilt: Readonly<Record<string, unknown>>, name = 'plainSum'): View {
  const right = {
    zero: 0,
    lift: ({ starts }: { readonly starts: number | null }) => starts ?? 0,
    plus: (a: number, b: number) => a + b,
    present: (state: number) => state,
  };
  const spoiltOne: typeof right = { ...right, ...spoilt };
  return view(name, {
    ...common,
    measures: (e) => ({ own: reducer({ ...spoiltOne, of: { starts: e.starts }, shows: 'number' }) }),
  });
}

function refusalOf(spoilt: Readonly<Record<string, unknown>>): string {
  try {
    declared(spoilt);
  } catch (error) {
    if (!(error instanceof ViewError)) throw error;
    const [problem] = error.facts['problems'] as readonly ViewProblem[];
    return `${problem?.code} at ${problem?.path}: ${problem?.message}`;
  }
  return 'taken';
}

describe('a reducer', () => {
  it('answers what its present makes of the sum of its window', () => {
    const events = [
      { time: 0, values: { ...base, starts: 3, note: 'b' } },
      { time: 29_999, values: { ...base, starts: 5, note: 'a', state: 'fault' } },
      { time: 30_000, values: { ...base, starts: 7, tested: 0 } },
    ];
    expect(answered(own, events)).toEqual({ product: [7.5, 7.5, 0.5], seen: ['a|b 1', 'a|b 1', null] });
    expectTypeOf<RowOf<typeof own>['product']>().toEqualTypeOf<number | null>();
    expectTypeOf<RowOf<typeof own>['seen']>().toEqualTypeOf<string | null>();
  });

  it('has no SQL, and says which measure it is', () => {
    const compiled = (): unknown => foldSql(own, { widthMs: 30_000, relation: 'r', panes: null, sliceSize: null });
    expect(compiled).toThrow("View 'own' has no SQL: its measure 'product' is a reducer");
  });

  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['a difference', { plus: (a: number, b: number) => a - b }, 'plus is not without effect for zero'],
    ['a left value', { zero: 0, plus: (a: number, b: number) => (a === 0 ? b : a) }, 'plus is not commutative'],
    [
      'a mean',
      { plus: (a: number, b: number) => (a === 0 || b === 0 ? a + b : Math.trunc((a + b) / 2)) },
      'plus is not associative',
    ],
    ['fractions', { lift: () => 0.5 }, 'is the number 0.5, which is no whole one'],
    [
      'a fraction of a rarer value',
      { lift: ({ starts }: { starts: number | null }) => ((starts ?? 0) === 7 ? 3.5 : 0) },
      'is the number 3.5, which is no whole one',
    ],
    ['dates', { zero: new Date(0) }, 'an object that is neither a list nor a plain one'],
    ['chance', { lift: lifting(), plus: Math.max }, 'lift is not pure'],
    ['another kind of value', { present: String }, 'and the reducer shows a number or null'],
    ['what throws', { lift: () => JSON.parse('{') as number }, 'a function of the reducer threw SyntaxError'],
    [
      'what changes its arguments',
      { zero: { n: 0 }, lift: () => ({ n: 1 }), plus: changing, present: () => 1 },
      'threw TypeError',
    ],
  ];

  it.each(refused)('is refused when it is %s', (_, spoilt, told) => {
    const refusal = refusalOf(spoilt);
    expect(refusal).toContain('REDUCER_UNLAWFUL at measures.own');
    expect(refusal).toContain(told);
  });

  it('is another one when a function of it is, whatever blanks stand in it', () => {
    const plus = (a: number, b: number): number => a + b;
    const written = (text: string): typeof plus => Object.assign(plus.bind(null), { toString: () => text });
    const plain = declared({ plus: written('(a,b)=>a+b') });
    const blanks = declared({ plus: written('(a,       b) =>\n  a + b') });
    const least = declared({ plus: written('(a,b)=>b+a') });
    expect(least.fingerprint).not.toBe(plain.fingerprint);
    expect(JSON.stringify(viewFacts(least))).not.toBe(JSON.stringify(viewFacts(plain)));
    expect(JSON.stringify(viewFacts(blanks))).toBe(JSON.stringify(viewFacts(plain)));
  });

  it('that makes nothing of an event has no value where that event counts, says so, and goes on elsewhere', () => {
    const picky = declared({ lift: ({ starts }: { starts: number | null }) => (starts === 999 ? NaN : (starts ?? 0)) });
    const wild = declared({
      lift: ({ starts }: { starts: number | null }) => (starts === 999 ? (JSON.parse('{') as number) : (starts ?? 0)),
    });
    const events = [7, 999, 999, 2, 3].map((starts, i) => ({ time: i * 10_000, values: { ...base, starts } }));
    const [gave, threw] = [picky, wild].map((of) => answer(of, events));
    expect(gave?.measures['own']).toEqual([null, null, 5]);
    expect(threw?.measures['own']).toEqual([null, null, 5]);
    const place = { of: 'lift', partition: 0, offset: 1 } as const;
    expect(gave?.failures).toEqual([{ measure: 'own', failure: { ...place, how: 'gave' } }]);
    expect(threw?.failures).toEqual([{ measure: 'own', failure: { ...place, how: 'threw' } }]);
    expect((threw?.failures ?? []).map(failureMessage)).toEqual([
      'measure own: the lift of its reducer threw for the event at partition 0, offset 1. Mend the reducer in a new version of the view, or retract that event.',
    ]);
    expect(answer(wild, events.slice(0, 1)).failures).toBeUndefined();
  });

  it('that failed is told of where its value, or what is derived of it, is asked for', () => {
    const both = view('both', {
      ...common,
      measures: (e) => ({
        own: reducer({
          of: { starts: e.starts },
          zero: 0,
          lift: ({ starts }) => (starts === 999 ? 0.5 : (starts ?? 0)),
          plus: (a, b) => a + b,
          shows: 'number',
          present: (state) => state,
        }),
        sum: sum(e.starts),
      }),
      derived: (m) => ({ twice: m.own.times(2), half: m.sum.dividedBy(2) }),
    });
    const accumulator = createAccumulator(both, { widthMs: 30_000 });
    const fold = createFold(both);
    fold.apply(memoryColumns(readings, [{ time: 0, values: { ...base, starts: 999 } }]), 0, 1);
    for (const { bytes } of fold.takeDirty()) accumulator.addChunk(bytes);
    const failed = (...only: string[]): readonly string[] | undefined =>
      presentWindows(both, accumulator, { from: -Infinity, to: Infinity, only }).failures?.map(
        ({ measure }) => measure,
      );
    expect([failed('own'), failed('twice'), failed('half'), failed('sum')]).toEqual([
      ['own'],
      ['own'],
      undefined,
      undefined,
    ]);
  });

  it('whose plus or present fails says so too', () => {
    const plus = declared({ plus: (a: number, b: number) => (a + b > 3500 ? 0.5 : a + b) }, 'narrow');
    const present = declared({ present: (state: number) => (state === 12 ? Number(JSON.parse('{')) : state) });
    const events = [5, 7].map((starts) => ({ time: 0, values: { ...base, starts } }));
    const large = [1000, 1000, 1000, 1000].map((starts) => ({ time: 0, values: { ...base, starts } }));
    expect(answer(plus, large)).toMatchObject({
      measures: { own: [null, null] },
      failures: [{ measure: 'own', failure: { of: 'plus' } }],
    });
    expect(answer(present, events).failures).toEqual([{ measure: 'own', failure: { of: 'present' } }]);
  });

  it('fails with the same bytes whatever the order and grouping, and keeps its reason', () => {
    const wild = declared({
      lift: ({ starts }: { starts: number | null }) => (starts === 999 ? 0.5 : (starts ?? 0)),
    });
    const chunkOf = (offsets: readonly number[]): Uint8Array => {
      const events = Array.from({ length: 6 }, (_, i) => ({
        time: 0,
        values: { ...base, starts: i % 2 === 1 ? 999 : i },
      }));
      const fold = createFold(wild);
      const columns = memoryColumns(readings, events);
      for (const offset of offsets) fold.apply(columns, offset, offset + 1);
      return fold.takeDirty()[0]?.bytes ?? new Uint8Array(0);
    };
    const merged = (...parts: readonly Uint8Array[]): Uint8Array => {
      const sum = createAccumulator(wild, { widthMs: 30_000 });
      for (const part of parts) sum.addChunk(part);
      return sum.toChunk().bytes;
    };
    const whole = merged(chunkOf([0, 1, 2, 3, 4, 5]));
    expect(merged(chunkOf([5]), chunkOf([0, 2]), chunkOf([3, 1]), chunkOf([4]))).toEqual(whole);
    expect(new TextDecoder().decode(whole)).toContain('!lift 0 1 gave');
  });
});

function lifting(): () => number {
  let calls = 0;
  return () => calls++;
}

function changing(a: { n: number }, b: { n: number }): { n: number } {
  a.n += b.n;
  return a;
}
