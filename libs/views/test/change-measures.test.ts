import { changeFields, decimal, float, instant, int, stream, text, upsert } from '@twofold/schemas';
import {
  avg,
  compileNumber,
  count,
  createAccumulator,
  createFold,
  decodeKey,
  distinct,
  foldSql,
  max,
  min,
  presentWindows,
  sliding,
  stddev,
  sum,
  variance,
  view,
  ViewError,
  type View,
  type ViewProblem,
  type AnswerValue,
} from '@twofold/views';
import { memoryColumns, type MemoryEvent } from '@twofold/views/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relationOf, rowsOf } from './duckdb-relation.ts';

const fields = {
  item: text(),
  revision: int(),
  at: instant('ms'),
  site: text().optional(),
  wide: int()
    .between(-(2 ** 43), 2 ** 43)
    .optional(),
  price: decimal(2).between(-1000, 1000),
  noise: float({ quantum: 2 ** -10 }).optional(),
};
const stated = stream('stated', { fields, id: ['item', 'revision'], eventTime: 'at', partitionKey: 'item' });
const changes = upsert('changes', { of: stated, key: ['item'], revision: 'revision' });

const common = {
  version: 1,
  window: sliding('4s', { every: '2s' }),
  levels: { '1s': 'forever' },
  serve: [{ key: [] }],
} as const;
/** The same declaration over rows, each stated once, and over their changes. */
const overRows = viewOver(stated);
const overChanges = viewOver(changes);

function viewOver(from: typeof stated): View {
  return view('rows', {
    ...common,
    from,
    where: (e) => e.price.notEquals(5),
    dimensions: (e) => ({ site: e.site }),
    measures: (e) => ({
      rows: count(),
      wide: count(e.wide),
      total: sum(e.wide),
      mean: avg(e.price),
      sharp: sum(e.noise),
      spread: stddev(e.wide),
      square: variance(e.price),
    }),
  });
}

interface Row {
  readonly time: number;
  readonly values: Readonly<Record<string, number | string | null>>;
}

const anyRow = fc.record({
  time: fc.integer({ min: -3_000, max: 6_000 }),
  values: fc.record({
    site: fc.option(fc.constantFrom('a', 'b')),
    wide: fc.option(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(2 ** 43, -(2 ** 43), 2 ** 43 - 1))),
    price: fc.integer({ min: -700, max: 700 }),
    noise: fc.option(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(2 ** 53 - 1, -(2 ** 53)))),
  }),
});
/** What is said of which of a few items: a row, or that there is none any more. */
const histories = fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.option(anyRow, { freq: 4 })), { maxLength: 40 });

/** The changes of a history, and the rows that it leaves. */
function changesOf(history: readonly (readonly [string, Row | null])[]): {
  changes: MemoryEvent[];
  rows: MemoryEvent[];
} {
  const held = new Map<string, Row>();
  const all: MemoryEvent[] = [];
  history.forEach(([item, row], offset) => {
    const before = held.get(item);
    const add = ({ time, values }: Row, sign: number, ordinal: number): void =>
      void all.push({
        time,
        values: {
          ...values,
          item,
          revision: offset,
          at: time,
          [changeFields.sign]: sign,
          [changeFields.offset]: offset,
          [changeFields.ordinal]: ordinal,
        },
      });
    if (before !== undefined) add(before, -1, 0);
    if (row === null) held.delete(item);
    else {
      add(row, 1, before === undefined ? 0 : 1);
      held.set(item, row);
    }
  });
  const rows = [...held].map(([item, { time, values }]) => ({
    time,
    values: { ...values, item, revision: 1, at: time },
  }));
  return { changes: all, rows };
}

/** What is answered, of events folded in some pieces whose partials are added up. */
function answerOf(of: View, events: readonly MemoryEvent[], cuts: readonly number[]): unknown[] {
  const accumulator = createAccumulator(of, { widthMs: 1_000 });
  const edges = [0, ...cuts.map((cut) => Math.min(cut, events.length)).sort((a, b) => a - b), events.length];
  for (const [i, from] of edges.slice(0, -1).entries()) {
    const piece = events.slice(from, edges[i + 1]);
    const fold = createFold(of);
    fold.apply(memoryColumns(of.stream, piece), 0, piece.length);
    for (const { bytes } of fold.takeDirty()) accumulator.addChunk(bytes);
  }
  const answer = presentWindows(of, accumulator, { from: -Infinity, to: Infinity });
  return Array.from({ length: answer.rows }, (_, row) => [
    decodeKey(of, answer.keys[answer.keyOfRow[row] ?? 0] ?? new Uint8Array(0)),
    answer.windowEnds[row],
    Object.entries(answer.measures).map(([name, values]) => `${name} ${textOf(values[row] ?? null)}`),
  ]);
}

describe('measures over a change stream', () => {
  it('E27: answer as over the rows that are left, wherever the changes are cut in pieces', () => {
    fc.assert(
      fc.property(histories, fc.array(fc.nat(80), { maxLength: 4 }), (history, cuts) => {
        const { changes: all, rows } = changesOf(history);
        expect(answerOf(overChanges, all, cuts)).toEqual(answerOf(overRows, rows, []));
      }),
      { numRuns: 300 },
    );
  });

  it('E27: of which only rows that were taken away are seen have a mean of 0, and not of -0, where these sum up to nothing', () => {
    const row = { time: 0, values: { site: null, wide: 1, price: 0, noise: null } };
    const { changes: all } = changesOf([
      ['x', row],
      ['x', null],
    ]);
    const fold = createFold(overChanges);
    fold.apply(memoryColumns(changes, all.slice(1)), 0, 1);
    const accumulator = createAccumulator(overChanges, { widthMs: 1_000 });
    for (const { bytes } of fold.takeDirty()) accumulator.addChunk(bytes);
    const { measures } = presentWindows(overChanges, accumulator, { from: -Infinity, to: Infinity });
    expect([...(measures['rows'] ?? [])]).toEqual([-1, -1]);
    expect([...(measures['mean'] ?? [])]).toEqual([0, 0]);
  });

  it('E27: have in SQL the very sums that the fold over columns has', { timeout: 60_000 }, async () => {
    const property = fc.asyncProperty(histories, async (history) => {
      const { changes: all } = changesOf(history);
      const { connection, relation } = await relationOf(changes, all);
      const { sql, columns } = foldSql(overChanges, { relation, widthMs: 1_000, panes: null, sliceSize: null });
      const found = await rowsOf(connection, sql);
      connection.closeSync();
      const first = columns.findIndex(({ role }) => role === 'component');
      const sums = overChanges.components.map((_, i) =>
        found.reduce((total, row) => total + BigInt(row[first + i] as number | bigint), 0n),
      );
      const inMemory = memoryColumns(changes, all);
      const counted = all.flatMap((event, row) => (event.values['price'] === 500 ? [] : [row]));
      const expected = overChanges.components.map((component) => {
        if (component.kind === 'rows' || !('of' in component)) return BigInt(counted.length);
        const number = compileNumber(component.of, changes);
        const values = counted.map((row) => number(inMemory, row)).filter((value) => !Number.isNaN(value));
        const power = component.kind === 'sumSquares' ? 2n : 1n;
        return values.reduce((total, value) => total + BigInt(value) ** power, 0n);
      });
      expect(sums).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 30 });
  });

  it('E27: are refused with the reason where a value can not be taken back', () => {
    const declare = (): View =>
      view('rows', {
        ...common,
        from: changes,
        dimensions: () => ({}),
        measures: (e) => ({ least: min(e.wide), most: max(e.item), items: distinct(e.item), rows: count() }),
      });
    try {
      declare();
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ViewError)) throw error;
      const problems = error.facts['problems'] as ViewProblem[];
      expect(problems.map(({ code, path }) => `${path} ${code}`)).toEqual([
        'measures.least CAN_NOT_SUBTRACT',
        'measures.most CAN_NOT_SUBTRACT',
        'measures.items CAN_NOT_SUBTRACT',
      ]);
      expect(problems[0]?.message).toContain('can not take back a value');
    }
  });

  it('do not show the fields that every change has', () => {
    const declare = (): View =>
      view('rows', {
        ...common,
        from: changes,
        dimensions: (e) => ({
          sign: (e as unknown as Record<string, typeof e.item>)[changeFields.sign] as typeof e.item,
        }),
        measures: () => ({ rows: count() }),
      });
    expect(declare).toThrow("has no field 'changeSign'");
  });
});

/** No measure over changes is a list. */
function textOf(value: AnswerValue): string {
  return typeof value === 'object' ? 'null' : String(value);
}
