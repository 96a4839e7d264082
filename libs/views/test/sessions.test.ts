import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeChunks } from '../src/chunk-merge.ts';
import { decodeChunk } from '../src/chunk.ts';
import { createFold } from '../src/fold-columns.ts';
import { count, session, sessionsReachBack, view } from '../src/index.ts';
import { presentTotal } from '../src/answer.ts';
import { memoryColumns } from '../src/testing/memory-columns.ts';
import { folded, rowOf, rowsOf, summed, visitView, visits, type Visit, type VisitRow } from './window-views.ts';

const gapMs = 1_000;
const runs = visitView(session('1s'), '4s');

/** Times near enough to be joined, at the gap exactly, at the edges of buckets, and before 1970. */
const events: fc.Arbitrary<Visit[]> = fc.array(
  fc.record({
    user: fc.constantFrom('a', 'b', 'long name'),
    time: fc.oneof(
      fc.integer({ min: -15_000, max: 25_000 }),
      fc.integer({ min: -15, max: 25 }).map((s) => s * 1_000),
    ),
    value: fc.integer({ min: -1000, max: 1000 }),
  }),
  { maxLength: 40 },
);

/** Sessions by the plainest program: times sorted, parted where the gap is passed. */
function plainSessions(list: readonly Visit[], gap: number): VisitRow[] {
  const rows: VisitRow[] = [];
  for (const user of ['a', 'b', 'long name']) {
    const own = list.filter((one) => one.user === user).sort((a, b) => a.time - b.time);
    let open: Visit[] = [];
    const close = (): void => {
      const [first, last] = [open[0], open.at(-1)];
      if (first !== undefined && last !== undefined) rows.push(rowOf(first.time, last.time + 1, open));
      open = [];
    };
    for (const one of own) {
      if (one.time - (open.at(-1)?.time ?? one.time) > gap) close();
      open.push(one);
    }
    close();
  }
  return rows;
}

describe('sessions', () => {
  it('speed(suffix) + batch(prefix) = whole, at every cut, and in slices of every size', () => {
    fc.assert(
      fc.property(events, fc.nat(40), fc.integer({ min: 1, max: 9 }), (list, cut, slice) => {
        const chunks = folded(runs, list.slice(0, cut));
        for (let at = cut; at < list.length; at += slice) chunks.push(...folded(runs, list.slice(at, at + slice)));
        expect(rowsOf(runs, summed(runs, chunks))).toEqual(plainSessions(list, gapMs));
      }),
      { numRuns: 500 },
    );
  });

  it('E25: lie in the bucket of each event: the bytes of a bucket follow from its events alone', () => {
    fc.assert(
      fc.property(events, (list) => {
        const whole = summed(runs, folded(runs, list)).toChunk().bytes;
        const buckets = new Map<number, Visit[]>();
        for (const one of list) {
          const bucket = Math.floor(one.time / 4_000);
          buckets.set(bucket, [...(buckets.get(bucket) ?? []), one]);
        }
        const parts = [...buckets.values()].flatMap((some) => folded(runs, some));
        expect(summed(runs, parts).toChunk().bytes).toEqual(whole);
        const { columns } = decodeChunk(runs, whole);
        const last = columns.components[1];
        columns.panes.forEach((first, row) => {
          const until = last?.kind === 'number' ? (last.values[row] ?? NaN) : NaN;
          expect(Math.floor(until / 4_000)).toBe(Math.floor(first / 4_000));
        });
      }),
    );
  });

  it('have one encoding, in whatever order events come, are flushed and are merged', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 7 }), fc.boolean(), (list, every, backwards) => {
        const fold = createFold(runs);
        const ordered = backwards ? list.toReversed() : list;
        const columns = memoryColumns(
          visits,
          ordered.map(({ user, time, value }) => ({ time, values: { user, at: time, value } })),
        );
        const latest = new Map<number, Uint8Array>();
        for (let row = 0; row < list.length; row += every) {
          fold.apply(columns, row, Math.min(row + every, list.length));
          for (const { bucket, bytes } of fold.takeDirty()) latest.set(bucket, bytes);
        }
        const byHand = new Map(
          summed(runs, folded(runs, list))
            .toBucketChunks()
            .map((c) => [c.bucket, c.bytes]),
        );
        expect(latest).toEqual(byHand);
        const halves = [list.slice(0, every), list.slice(every)].flatMap((half) => folded(runs, half));
        const merged = mergeChunks(runs, halves).bytes;
        expect(merged).toEqual(summed(runs, halves).toChunk().bytes);
      }),
    );
  });

  it('are joined by a late event that lies between them, and two events just the gap apart are one', () => {
    const at = (...times: number[]): Visit[] => times.map((time) => ({ user: 'a', time, value: 1 }));
    const spans = (list: Visit[]): number[][] =>
      rowsOf(
        runs,
        summed(
          runs,
          list.flatMap((one) => folded(runs, [one])),
        ),
      ).map(({ start, end }) => [start, end]);
    expect(spans(at(0, 1_001))).toEqual([
      [0, 1],
      [1_001, 1_002],
    ]);
    expect(spans(at(0, 1_000))).toEqual([[0, 1_001]]);
    expect(spans(at(0, 1_001, 500))).toEqual([[0, 1_002]]);
    expect(spans(at(3_999, 4_000, 7_999, 8_999))).toEqual([
      [3_999, 4_001],
      [7_999, 9_000],
    ]);
  });

  it('that end in a range are its rows and its total, and no others', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: -16_000, max: 26_000 }), fc.nat(9_000), (list, from, length) => {
        const to = from + length;
        const panes = summed(runs, folded(runs, list));
        const wanted = plainSessions(list, gapMs).filter(({ end }) => end > from && end <= to);
        expect(rowsOf(runs, panes, { from, to })).toEqual(wanted);
        const total = presentTotal(runs, panes, { from, to });
        expect(total.measures['events']).toEqual([wanted.reduce((sum, row) => sum + row.events, 0)]);
      }),
    );
  });

  it('E25: a reader that goes back as far as it is told has them whole', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: -16_000, max: 26_000 }), fc.nat(9_000), (list, from, length) => {
        const to = from + length;
        const stored = summed(runs, folded(runs, list)).toChunk().bytes;
        const read = (paneFrom: number): VisitRow[] | number => {
          const panes = summed(runs, []);
          panes.addChunk(stored, { paneFrom, paneBelow: to + gapMs + 4_000 });
          return sessionsReachBack(panes, gapMs, { from, to, paneFrom }) ?? rowsOf(runs, panes, { from, to });
        };
        let answer = read(Math.floor(from / 4_000) * 4_000);
        while (typeof answer === 'number') answer = read(Math.floor(answer / 4_000) * 4_000);
        expect(answer).toEqual(plainSessions(list, gapMs).filter(({ end }) => end > from && end <= to));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a view of sessions', () => {
  const declared = (gap: '1s' | '0s' | '1h', levels: Readonly<Record<string, string>>) => (): unknown =>
    view('visitsByUser', {
      from: visits,
      version: 1,
      dimensions: (e) => ({ user: e.user }),
      window: session(gap),
      measures: () => ({ events: count() }),
      levels: levels as { '1h': 'forever' },
      serve: [{ key: ['user'] }],
    });

  it('stores one level, the width of its buckets, which keeps at least one gap', () => {
    expect(declared('1s', { '1h': 'forever' })).not.toThrow();
    expect(declared('1s', { '1s': '2d', '1h': 'forever' })).toThrow(/Sessions are stored in one level.*Keep '1s'/);
    expect(declared('1h', { '10m': '30m' })).toThrow(/less than one window \(session 1h: up to 1h\)/);
    expect(declared('0s', { '1h': 'forever' })).toThrow(/'0s' has no length/);
  });

  it('has its gap and its buckets in its fingerprint', () => {
    const of = (gap: '1s' | '2s', width: '1h' | '2h'): string => visitView(session(gap), width).fingerprint;
    expect(new Set([of('1s', '1h'), of('2s', '1h'), of('1s', '2h'), of('1s', '1h')]).size).toBe(3);
  });
});
